#pragma once
#include "action/target.h"

namespace lotse::action {

/// All objects of one workload, its Events included. Throws Error(not_found) with the closest name
/// as the hint.
Snapshot snapshot_of(Target& target, const std::string& name);

/// The state of one workload. Throws Error(not_found) with the closest name as the hint.
workload::State status(Target& target, const std::string& name);

/// All workloads of the target, by name.
std::vector<workload::State> list(Target& target);

}  // namespace lotse::action
