#pragma once
#include <optional>
#include <vector>

#include "action/plan.h"
#include "kube/client.h"

namespace lotse::action {

/// The rights to write such objects in the client's namespace that the user lacks, as the server
/// says; nothing if there are all.
std::optional<Obstacle> missing_rights(kube::Client& client, const std::vector<json>& objects);

/// What stands in the way of the pods that a change would make: claims, Secrets, ConfigMaps and
/// service accounts that they name and that are not there, quotas, and whether a node has room for
/// each kind of pod now. What the user may not look at becomes a note.
void find_obstacles(kube::Client& client, const std::vector<Tried>& tried, Plan& plan);

}  // namespace lotse::action
