#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace lotse::object {

using nlohmann::json;

/// A kind of the API and where its objects lie.
struct Kind {
  std::string api_version;  ///< "v1", "batch/v1"
  std::string kind;         ///< "Job"
  std::string plural;       ///< "jobs"
  bool namespaced = true;
};

/// Kinds that templates make, or name (LocalQueue), and that not every server has, the newest
/// version of each first.
const std::vector<Kind>& optional_kinds();

/// What templates call such a kind: "PodGroup.scheduling.k8s.io"; "" for any other.
std::string capability_of(std::string_view api_version, std::string_view kind);

/// Which of those are among `kinds`, as templates see it: {"PodGroup.scheduling.k8s.io":
/// "scheduling.k8s.io/v1beta1"}, the newest version of each.
json capabilities_of(const std::vector<Kind>& kinds);

/// Finds a kind in the table of those that every supported server has, which need no discovery, and
/// among the optional ones. Null if it is not there.
const Kind* find_kind(std::string_view api_version, std::string_view kind);

/// Finds a kind that every supported server has by a word as a user writes it: kind, plural or
/// short name in any case ("pod", "pods", "po"), perhaps with its group, or version and group
/// ("jobs.batch", "jobs.v1.batch"). Null if unknown.
const Kind* find_kind(std::string_view word);

/// The plurals of the kinds in that table: "configmaps", ...
std::vector<std::string> plural_names();

/// Whether `word`, as a user writes it, means this kind.
bool is_named(const Kind& kind, const std::vector<std::string>& short_names, std::string_view word);

std::string group_of(std::string_view api_version);    ///< "batch" of "batch/v1", "" of "v1"
std::string version_of(std::string_view api_version);  ///< "v1"

/// "pod", "deployment.apps": the kind with its group, as `get` prints it before names.
std::string type_name(const Kind& kind);

/// "/api/v1/namespaces/NS/pods/NAME"; without `name` the collection, without `space` all
/// namespaces. Names are escaped; throws Error(invalid) for one that no object can have and that
/// would lead elsewhere: "..", or with '/' or '%' in it.
std::string path_of(const Kind& kind, const std::string& space, const std::string& name = "");

}  // namespace lotse::object
