#pragma once
#include <chrono>
#include <functional>

#include "action/target.h"

namespace lotse::action {

enum class WaitFor { ended, ready };

/// How long to wait. Absent: for ever.
struct Patience {
  std::optional<std::chrono::seconds> timeout = {};        ///< in all
  std::optional<std::chrono::seconds> give_up_after = {};  ///< while the first cause blocks
};

/// Waits until the workload has ended (a Job is complete or failed; a Deployment whose container
/// ends with 2), or is ready (a Deployment with all its pods; a Job whose pods run, or that has
/// ended). What is queued is waited for. `seen` is called with each state that differs in phase,
/// readiness or reason. A Deployment that is waited to end never does, except when it fails; that
/// is refused as Error(invalid). Throws Error(timeout) naming the last reason once the patience has
/// ended, Error(impossible) where no waiting cures it, Error(interrupted), Error(not_found) where
/// the workload is gone or its Job is and nothing is known of the result.
workload::State wait(Target& target, const std::string& name, WaitFor what,
                     const Patience& patience,
                     const std::function<void(const workload::State&)>& seen = {});

/// The exit code that tells how the workload stands: 0 complete or ready; the code passed on where
/// it failed; 1 where nothing more is known.
int exit_code_of(const workload::State& state);

}  // namespace lotse::action
