#pragma once
#include <memory>

#include "runner/task/learner.h"

namespace lotse::runner::detect {

/// A detector that learns from a data set in YOLO format.
std::unique_ptr<task::Learner> make_learner(const contract::TrainOptions& options,
                                            const task::Place& place);

}  // namespace lotse::runner::detect
