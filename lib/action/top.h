#pragma once
#include <string>
#include <vector>

#include "action/target.h"
#include "workload/usage.h"

namespace lotse::action {

/// What the running pods of a workload use of CPU and memory, beside what they ask for; without a
/// name those of all workloads, by name. A cluster measures by metrics.k8s.io (metrics-server), v1
/// where it has it, else v1beta1; this machine by what the pods' processes have used within half a
/// second. Throws Error(not_found) where there is no such workload or the cluster does not
/// measure, Error(denied) without the right to list pods of metrics.k8s.io, Error(unreachable) if
/// what measures does not answer.
std::vector<workload::WorkloadUsage> top(Target& target, const std::string& name);

}  // namespace lotse::action
