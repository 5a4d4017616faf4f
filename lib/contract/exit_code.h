#pragma once
#include "base/error.h"

namespace lotse::contract {

/// The exit codes of both programs; podFailurePolicy in the built-in templates is written from
/// them.
enum ExitCode : int {
  exit_done = 0,
  exit_failed = 1,         ///< the workload failed; a Job retries within its budget
  exit_invalid = 2,        ///< wrong usage, configuration, data or file; a Job fails in one attempt
  exit_not_found = 3,      ///< an object of the cluster is not there, or not allowed
  exit_conflict = 4,       ///< another field manager or another running operation
  exit_unreachable = 5,    ///< the cluster could not be reached
  exit_changes = 10,       ///< `plan`, `diff`: something would change, or differs
  exit_impossible = 11,    ///< what was waited for cannot come, and no waiting cures it
  exit_stopped = 75,       ///< stopped by request after saving; a Job starts again, not counted
  exit_peer_lost = 76,     ///< a peer was lost; a Job starts again, not counted
  exit_broken = 77,        ///< this rank or its node hung or broke; a Job starts again, counted
  exit_timeout = 124,      ///< a wait timed out
  exit_interrupted = 130,  ///< interrupted by the user; the workload goes on in the cluster
};

int exit_code(base::ErrorKind kind);

/// What `wait` passes on for a container's own code: 0, 1, 2 and 75 to 77 as they are, else 1.
int passed_on(int container_code);

}  // namespace lotse::contract
