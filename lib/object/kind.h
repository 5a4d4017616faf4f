#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace lotse::object {

using nlohmann::json;

/// A kind of the API and where its objects lie.
struct Kind {
  std::string api_version;  ///< "v1", "batch/v1"
  std::string kind;         ///< "Job"
  std::string plural;       ///< "jobs"
  bool namespaced = true;
};

/// Kinds that every supported server has; no discovery is needed for them. Null if unknown.
const Kind* find_kind(std::string_view api_version, std::string_view kind);

/// As a user writes it: kind, plural or short name in any case ("pod", "pods", "po"). Null if
/// unknown.
const Kind* find_kind(std::string_view word);

/// "/api/v1/namespaces/NS/pods/NAME"; without `name` the collection, without `space` all
/// namespaces.
std::string path_of(const Kind& kind, const std::string& space, const std::string& name = "");

}  // namespace lotse::object
