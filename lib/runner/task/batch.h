#pragma once
#include <torch/torch.h>

namespace lotse::runner::task {

/// The examples that one rank processes in one step; what the tensors hold is their family's.
struct Batch {
  torch::Tensor inputs;   ///< N x ...
  torch::Tensor targets;  ///< what is to be said about them
};

}  // namespace lotse::runner::task
