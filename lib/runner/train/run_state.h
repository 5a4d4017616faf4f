#pragma once
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

#include "runner/train/average.h"

namespace lotse::runner::train {

/// How far a run has come, apart from its tensors. Order and augmentation are functions of seed,
/// epoch and index, so there is no random state to keep.
struct RunState {
  int64_t epoch = 0;  ///< epochs done
  int64_t batch = 0;  ///< batches done of the next one
  int64_t steps = 0;  ///< optimizer steps done
  int64_t best_epoch = 0;
  double best = 0, best_map50 = 0;  ///< of the best epoch
  double map50 = 0, map50_95 = 0;   ///< of the latest
};

/// Writes the state as one safetensors file: aside, flushed, renamed over.
void write_run_state(const std::filesystem::path& path, const NamedTensors& tensors,
                     const nlohmann::json& identity, const RunState& state);

/// Fills `tensors` from the file; nothing if there is none. Throws Error(invalid) if the file is
/// damaged, misses a tensor, or belongs to a run with another identity (naming the differences).
/// What the file does not know, since it is older than the option, is as in `defaults`.
std::optional<RunState> read_run_state(const std::filesystem::path& path,
                                       const NamedTensors& tensors, const nlohmann::json& identity,
                                       const nlohmann::json& defaults);

}  // namespace lotse::runner::train
