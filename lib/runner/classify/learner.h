#pragma once
#include <memory>

#include "runner/task/learner.h"

namespace lotse::runner::classify {

/// A classifier that learns from a folder a class.
std::unique_ptr<task::Learner> make_learner(const contract::TrainOptions& options,
                                            const task::Place& place);

}  // namespace lotse::runner::classify
