#pragma once
#include "workload/cause.h"

namespace lotse::workload {

/// What a controller says (its event FailedCreate, or a condition) when a pod could not be made;
/// the same evidence for every pod that is refused for this. Impossible: Pod Security, a
/// LimitRange, a spec that is not valid, more than the hard limit of a quota. A quota that is used
/// up, a webhook that does not answer and the like may pass.
Cause refusal_in(const std::string& message);

}  // namespace lotse::workload
