#pragma once
#include <string>
#include <vector>

#include "runner/task/progress.h"

namespace lotse::runner::task {

/// Whether a model that tells things apart can be judged by a data set. Throws Error(invalid) where
/// they do not have as many classes; warns where they are named otherwise.
void check_classes(const std::string& model, const std::vector<std::string>& of_model,
                   const std::string& data, const std::vector<std::string>& of_data,
                   const Emit& emit);

}  // namespace lotse::runner::task
