#pragma once
#include <set>
#include <string>
#include <vector>

#include "kube/client.h"
#include "workload/fit.h"

namespace lotse::action {

/// The nodes of the cluster, as far as workload/fit.h and gpus.h look at them; of the images that a
/// node has (a kubelet tells of 50) those of these names, written as to_string(image::Reference)
/// does. Throws Error(denied) without the right to list them.
std::vector<nlohmann::json> nodes_of(kube::Client& client,
                                     const std::set<std::string>& images = {});

/// What all pods of the cluster occupy. Throws Error(denied) without the right to list them.
workload::Occupied occupied_of(kube::Client& client);

}  // namespace lotse::action
