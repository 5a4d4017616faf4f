#pragma once
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace lotse::release {

using nlohmann::json;

/// One rendered, applied state of a workload.
struct Revision {
  int64_t number = 0;        ///< from 1; 0: it is not recorded
  std::string content = {};  ///< 8 hexadecimal digits, see templates/README.md
  std::string cause = {};    ///< "apply", "rollback to 3", "scale to 5"
  std::string time = {};     ///< RFC 3339
  std::string template_name = {};
  std::string template_version = {};
  std::string template_kind = {};  ///< "job" or "service"
  json values = {};
  std::vector<json> objects = {};  ///< as rendered, in the order of applying, without the anchor
};

/// Whether applying one after the other would change nothing.
bool is_same(const Revision& a, const Revision& b);

inline constexpr auto secret_type = "lotse.dev/revision";

/// Whether an object is a Secret that keeps a revision.
bool is_revision(const json& object);

/// The Secret that keeps a revision; its name is WORKLOAD.rNUMBER. A Secret, because what is
/// rendered may hold some. Throws Error(invalid) if it is larger than the API server takes.
json to_secret(const Revision& revision, const std::string& workload, const json& labels);

/// Throws Error(failed) naming the object if it is damaged, Error(invalid) if a later version of
/// Lotse wrote it.
Revision from_secret(const json& secret);

}  // namespace lotse::release
