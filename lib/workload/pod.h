#pragma once
#include "workload/state.h"

namespace lotse::workload {

/// One row out of a Pod and the Events about it (newest last). Of several reasons the first one in
/// this order is given: being deleted, waiting (image, crash loop), ended with an error,
/// unschedulable, not ready.
PodState pod_state(const json& pod, const Snapshot& events);

/// Events about this object, oldest first; of events.k8s.io/v1 (as clusters give them) or v1.
std::vector<json> events_about(const json& object, const Snapshot& objects);
std::string event_words(const json& event);  ///< what it says

/// The names of the claims that the volumes of a pod's spec mount.
std::vector<std::string> claims_of(const json& pod_spec);

/// `object[path...]` or null; paths never throw on missing or null parts.
const json& at(const json& object, std::initializer_list<const char*> path);
std::string text_at(const json& object, std::initializer_list<const char*> path);
int64_t number_at(const json& object, std::initializer_list<const char*> path,
                  int64_t otherwise = 0);

}  // namespace lotse::workload
