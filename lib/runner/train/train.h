#pragma once
#include "contract/options.h"
#include "runner/dist/group.h"
#include "runner/task/learner.h"

namespace lotse::runner::train {

using task::Emit;
using task::MakeLearner;

/// Trains what `make` makes as `options` say, alone or as one of the ranks that the environment
/// names, and writes into options.output: best.safetensors and last.safetensors (averaged weights),
/// state.safetensors (all that it takes to go on), results.jsonl (one line an epoch), run.json
/// (which run this is: run_folder.h). Rank 0 alone reads and writes there. A run that was cut goes
/// on at the very step.
///
/// Throws Error(invalid) for mistakes in options or data, and for results of another run, before
/// anything is written; Error(conflict) if another process trains into that folder; Error(stopped)
/// after SIGTERM, SIGINT or SIGHUP, once the step is done and the state saved; Error(peer_lost) if
/// another rank goes away; Error(failed) if the loss is not finite: the same seed would get there
/// again, so the node is not to blame.
void train(const contract::TrainOptions& options, const MakeLearner& make, const Emit& emit);

/// The same as the rank that `membership` says.
void train(const contract::TrainOptions& options, const MakeLearner& make,
           const dist::Membership& membership, const Emit& emit);

}  // namespace lotse::runner::train
