#pragma once
#include "workload/state.h"

// Inside this room only.

namespace lotse::workload {

/// The HorizontalPodAutoscaler that sets the replicas of a Deployment; null if none is known.
const json* autoscaler_of(const json& deployment, const Snapshot& objects);

/// A Deployment that wants no pods: scaled to nothing by its autoscaler, its schedule, or a person.
void fill_without_pods(const json& deployment, const json* autoscaler, State& state);

/// What keeps the autoscaler, which may be null, from its work.
void add_autoscaler_trouble(const json* autoscaler, State& state);

}  // namespace lotse::workload
