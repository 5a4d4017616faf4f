#pragma once
#include "workload/state.h"

namespace lotse::workload {

/// One row out of a Pod and, among `objects`, the Events about it and its claims. Of several
/// reasons the first one in this order is given: being deleted, waiting (image, crash loop), ended
/// with an error, unschedulable, not ready.
PodState pod_state(const json& pod, const Snapshot& objects);

/// The names of the claims that the volumes of a pod's spec mount.
std::vector<std::string> claims_of(const json& pod_spec);

/// The PodGroup that a pod is scheduled with; "" if it is scheduled alone.
std::string pod_group_of(const json& pod);

}  // namespace lotse::workload
