#pragma once
#include "workload/state.h"

// Inside this room only.

namespace lotse::workload {

/// A Job that is suspended and bears a queue's label: waits in the queue, was taken out of it, or
/// cannot come through it, as Kueue's Workload of it says in its own words. Without a Workload, be
/// it that there is no Kueue or that it may not be read, it waits.
void fill_queued(const json& job, const Snapshot& objects, State& state);

}  // namespace lotse::workload
