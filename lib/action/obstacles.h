#pragma once
#include <optional>
#include <vector>

#include "action/cluster.h"
#include "action/plan.h"

namespace lotse::action {

/// The rights to write such objects in the client's namespace that the user lacks, as the server
/// says; nothing if there are all.
std::optional<Obstacle> missing_rights(kube::Client& client, const std::vector<json>& objects);

/// What stands in the way of the pods that a change would make: claims, Secrets, ConfigMaps, keys
/// of these, service accounts, classes of priority and of devices, and queues that are named and
/// not there, quotas, whether a node has room for each kind of pod now, and images that their
/// registry does not have. What the user may not look at becomes a note.
void find_obstacles(Cluster& cluster, const std::vector<Tried>& tried, Plan& plan);

}  // namespace lotse::action
