#pragma once
#include "action/target.h"
#include "workload/gpus.h"

namespace lotse::action {

/// The GPUs of a cluster, by type. Throws Error(invalid) for this machine, Error(denied) with what
/// right is missing for a user who may not read nodes or the pods of all namespaces.
std::vector<workload::Gpus> gpus(Target& target);

}  // namespace lotse::action
