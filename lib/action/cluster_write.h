#pragma once
#include <string>
#include <vector>

#include "action/target.h"
#include "kube/client.h"

namespace lotse::action {

/// Writes the objects of a workload into the client's namespace: `Target::apply` of a cluster.
/// Before the first write, which is the anchor, all else is tried on the server (promise A6): an
/// object of that name that is not this workload's, or is being deleted, is Error(conflict), and so
/// are fields that other managers own, all of them listed, unless `change.force`. Writes nothing if
/// the cluster holds what is wanted already. What fails in the middle is taken back: what was made
/// is deleted, the anchor is put back; an object that was there and could be changed keeps the
/// change. ConfigMaps of earlier revisions that nothing mounts any more go.
Applied write_workload(kube::Client& client, const std::string& workload, const Change& change);

/// The checks of write_workload alone, and what they answer: `Target::try_out` of a cluster.
std::vector<Tried> try_workload(kube::Client& client, const std::string& workload,
                                const Change& change);

/// Deletes the object and waits until it is gone, at most two minutes; `meanwhile` is called at
/// least every second. Another object of the same name is left alone.
void remove_and_wait(kube::Client& client, const json& object,
                     const std::function<void()>& meanwhile = {});

/// Pure: why Lotse may not write `live` as an object of `workload`; "" if it may.
std::string why_not_ours(const json& live, const std::string& workload);

/// Pure: the ConfigMaps among `maps` that `anchor` owns and none of `users` is or names anywhere.
std::vector<json> unused_config_maps(const std::vector<json>& maps, const json& anchor,
                                     const std::vector<json>& users);

}  // namespace lotse::action
