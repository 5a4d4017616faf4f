#pragma once
#include <torch/torch.h>

#include <cstdint>
#include <set>

namespace lotse::runner::nn {

/// These rows of a network, whose parameters are called "model.ROW.…", stay as they are: they get
/// no gradients, and their batch norm uses its running statistics and leaves them, also while
/// training. Throws Error(invalid) for a row that is not there, and where none is left to learn.
void freeze_rows(const torch::nn::Module& network, const std::set<int64_t>& rows);

}  // namespace lotse::runner::nn
