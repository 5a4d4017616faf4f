#pragma once
#include <string>
#include <vector>

#include "action/target.h"
#include "kube/client.h"

namespace lotse::action {

/// Hands out each workload of the namespace, as Target::each_workload promises. False if there is
/// none.
bool list_workloads(kube::Client& client, const Visit& visit);

/// Their names, sorted: those of the anchors.
std::vector<std::string> list_names(kube::Client& client);

/// See Target::orphans.
std::vector<Orphan> list_orphans(kube::Client& client);

}  // namespace lotse::action
