#pragma once
#include <torch/torch.h>

#include "checkpoint/checkpoint.h"

namespace lotse::runner::nn {

/// A copy of the values, on the CPU, row-major, with the type they are stored in.
torch::Tensor to_torch(const checkpoint::TensorView& view);

}  // namespace lotse::runner::nn
