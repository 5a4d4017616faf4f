#pragma once
#include <vector>

#include "kube/client.h"
#include "workload/fit.h"

namespace lotse::action {

/// The nodes of the cluster, as far as workload/fit.h and gpus.h look at them. Throws Error(denied)
/// without the right to list them.
std::vector<nlohmann::json> nodes_of(kube::Client& client);

/// What all pods of the cluster occupy. Throws Error(denied) without the right to list them.
workload::Occupied occupied_of(kube::Client& client);

}  // namespace lotse::action
