#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "action/pods.h"

namespace lotse::action {

struct ConnectOptions {
  uint16_t local = 0;       ///< port of this machine; 0: a free one
  std::string remote = {};  ///< number or name of a port of the pod or its Service; "": the first
  PodChoice pod;
};

/// Where the workload can be reached.
struct Listening {
  std::vector<std::string> addresses;  ///< "127.0.0.1:8080", "[::1]:8080"
  std::string url;                     ///< "http://127.0.0.1:8080"
  std::string pod;                     ///< "" for a local workload
  int remote = 0;                      ///< the container's port
  bool forwarded = true;               ///< false: a local workload listens there itself
};

struct ConnectSinks {
  std::function<void(const Listening&)> listening;
  std::function<void(const std::string& problem)>
      problem;  ///< why one connection failed; called from that connection's thread
};

/// Passes connections to 127.0.0.1 (and ::1) on to a pod of the workload, each on a thread with a
/// WebSocket of its own, until the user interrupts; then it returns. A connection that fails does
/// not end the others; the next one goes to another pod if that one is gone. For a local workload
/// it returns at once. Throws Error(not_found) if there is no such pod or port, Error(invalid) if
/// the local port is taken.
void connect(Target& target, const std::string& name, const ConnectOptions& options,
             const ConnectSinks& sinks);

/// The container's port that `wanted` means: a number or name of a container's port, or of a port
/// of the Services, which is followed to its target. A number that nobody declares is taken as it
/// is. Throws Error(not_found) that names the ports that there are.
int container_port(const Snapshot& objects, const json& pod, const std::string& wanted);

}  // namespace lotse::action
