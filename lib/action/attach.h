#pragma once
#include "action/wait.h"

namespace lotse::action {

/// Functions that are called while a run is followed, from one thread at a time.
struct AttachSinks {
  LogSink line;                                            ///< each line of each pod, once
  std::function<void(const workload::State&)> state = {};  ///< on each change of phase or reason
};

struct Attached {
  workload::State state;     ///< the last one known
  bool interrupted = false;  ///< by Ctrl-C: a local run was stopped, one in a cluster goes on
};

/// Follows a run to its end: lines of all pods and changes of state. Ctrl-C stops a local run
/// gracefully and leaves one in a cluster. It gives up as `wait` does, and the run goes on.
Attached attach(Target& target, const std::string& name, const Patience& patience,
                const AttachSinks& sinks);

}  // namespace lotse::action
