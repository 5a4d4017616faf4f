#pragma once
#include <filesystem>
#include <nlohmann/json.hpp>

#include "action/cluster.h"

namespace lotse::action {

/// `cluster` as templates see it: {"capabilities": {"KIND.GROUP": "GROUP/VERSION"}} with those of
/// object::optional_kinds() that the server has and that the user may make, queues whatever they
/// may. `cache`: as for kube::find_kind.
nlohmann::json capabilities(Cluster& cluster, const std::filesystem::path& cache);

}  // namespace lotse::action
