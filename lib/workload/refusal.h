#pragma once
#include <string>

namespace lotse::workload {

/// Why the API server refused to make a pod.
struct Refusal {
  std::string reason;       ///< one line; the same for every pod that is refused for this
  bool impossible = false;  ///< no waiting cures it: this pod can never be made here
};

/// What a controller says (its event FailedCreate, or a condition) when a pod could not be made.
/// Impossible: Pod Security, a LimitRange, a spec that is not valid, more than the hard limit of a
/// quota. A quota that is used up, a webhook that does not answer and the like may pass.
Refusal refusal_in(const std::string& message);

}  // namespace lotse::workload
