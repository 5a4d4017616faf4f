#pragma once
#include "action/target.h"

namespace lotse::action {

/// Deletes a workload. Throws Error(not_found) with the closest name as the hint.
Removal remove(Target& target, const std::string& name, bool purge_data);

/// Restarts a served workload pod by pod: new pods take over as they become ready. Returns the
/// restarted object, "deployment/NAME". Throws Error(invalid) for a Job.
std::string restart(Target& target, const std::string& name);

}  // namespace lotse::action
