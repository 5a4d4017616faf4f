#pragma once
#include "workload/cause.h"
#include "workload/fill.h"

// Inside this room only: why an image cannot be pulled.

namespace lotse::workload {

/// By what registries, container runtimes and the kubelet say: a container's reason for waiting and
/// its message.
Code code_of_pull(const std::string& reason, const std::string& message);

/// What the last try to pull an image said, which is an Event of the pod: the back-off after it
/// says less.
std::string said_of_the_image(const Snapshot::Found& events);

/// The volume whose image cannot be pulled; "" where it is a container's. The kubelet tells both in
/// the container's name. `evidence` is what a container waits for.
std::string volume_of_the_image(const json& pod, const Snapshot::Found& events,
                                const std::string& evidence);

}  // namespace lotse::workload
