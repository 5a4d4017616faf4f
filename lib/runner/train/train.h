#pragma once
#include <filesystem>
#include <functional>

#include "contract/event.h"
#include "contract/options.h"
#include "runner/dist/group.h"

namespace lotse::runner::train {

using Emit = std::function<void(const contract::Event&)>;

/// Trains as `options` say, alone or as one of the ranks that the environment names, and writes
/// into options.output: best.safetensors and last.safetensors (averaged weights), state.safetensors
/// (all that --resume needs), results.jsonl (one line an epoch). Rank 0 alone writes.
///
/// Throws Error(invalid) for mistakes in options or data, before anything is written;
/// Error(stopped) after SIGTERM or SIGINT, once the step is done and the state saved;
/// Error(peer_lost) if another rank goes away; Error(failed) if the loss is not finite: the same
/// seed would get there again, so the node is not to blame.
void train(const contract::TrainOptions& options, const Emit& emit);

/// The same as the rank that `membership` says.
void train(const contract::TrainOptions& options, const dist::Membership& membership,
           const Emit& emit);

}  // namespace lotse::runner::train
