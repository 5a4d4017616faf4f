#pragma once
#include <torch/torch.h>

#include <string>

#include "contract/event.h"
#include "contract/options.h"
#include "runner/train/schedule.h"

namespace lotse::runner::train {

/// Throws Error(invalid) with all that does not go together on so many ranks.
void check_options(const contract::TrainOptions& options, int64_t world_size);

/// The same of what depends on where it computes.
void check_options_on(const contract::TrainOptions& options, const torch::Device& device);

/// "adamw"
const char* rule_name(Rule rule);

/// Every hyperparameter that models for the task have, as it is used, for people a line a group. In
/// the fields all are members of "hyperparameters".
contract::Event hyperparameters(const contract::TrainOptions& options, const Schedule& schedule,
                                const std::string& task);

}  // namespace lotse::runner::train
