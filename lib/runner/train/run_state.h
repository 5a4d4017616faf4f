#pragma once
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "runner/train/average.h"

namespace lotse::runner::train {

/// How far a run has come, apart from its tensors. Order and augmentation are functions of seed,
/// epoch and index, so there is no random state to keep.
struct RunState {
  int64_t epoch = 0;  ///< epochs done
  int64_t batch = 0;  ///< batches done of the next one
  int64_t steps = 0;  ///< optimizer steps done
  int64_t best_epoch = 0;
  std::vector<double> best, latest;  ///< the family's metrics of the best and of the latest epoch
};

/// Writes the state as one safetensors file: aside, flushed, renamed over. `metrics` are the names
/// of the state's metrics; the last one's best value is called "best", another one's "best_NAME".
void write_run_state(const std::filesystem::path& path, const NamedTensors& tensors,
                     const nlohmann::json& identity, const std::vector<std::string>& metrics,
                     const RunState& state);

/// Fills `tensors` from the file; nothing if there is none. Throws Error(invalid) if the file is
/// damaged, misses a tensor, or belongs to a run with another identity (naming the differences).
/// What the file does not know, since it is older than the option, is as in `defaults`.
std::optional<RunState> read_run_state(const std::filesystem::path& path,
                                       const NamedTensors& tensors, const nlohmann::json& identity,
                                       const std::vector<std::string>& metrics,
                                       const nlohmann::json& defaults);

/// How many examples a step the run in this file has; nothing if there is none or it is damaged.
std::optional<int64_t> batch_of_run(const std::filesystem::path& path);

}  // namespace lotse::runner::train
