#pragma once
#include "action/target.h"

namespace lotse::action {

/// All objects of one workload, its Events included. Throws Error(not_found) with the closest name
/// as the hint.
Snapshot snapshot_of(Target& target, const std::string& name);

/// The state of one workload. Throws Error(not_found) with the closest name as the hint.
workload::State status(Target& target, const std::string& name);

/// How far a run has come, out of the last lines of its first rank, if that runs and its node
/// answers within half a second; of workers that share the work the sum of what they say, 32 of
/// them at most; nothing of what serves.
std::optional<workload::Progress> progress(Target& target, const workload::State& state);

/// All workloads of the target, by name.
std::vector<workload::State> list(Target& target);

}  // namespace lotse::action
