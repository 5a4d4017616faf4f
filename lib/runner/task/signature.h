#pragma once
#include <torch/torch.h>

#include <string>
#include <vector>

namespace lotse::runner::task {

/// A named tensor that a model takes or gives.
struct TensorSpec {
  std::string name;
  std::string axes;                        ///< a letter each: "NCHW"; the first one counts examples
  std::vector<int64_t> shape;              ///< -1 is free, as the first one always is
  std::string about = {};                  ///< for people: "RGB, 0 to 1"
  int64_t step = 1;                        ///< free sizes behind the first are multiples of it
  torch::ScalarType type = torch::kFloat;  ///< kFloat or kLong
};

/// What goes in and what comes out, in the order in which tensors are passed.
struct Signature {
  std::vector<TensorSpec> inputs, outputs;
};

using Tensors = std::vector<torch::Tensor>;

/// "[N, 3, 640, 640]": sizes that are free by their letter.
std::string shape_text(const TensorSpec& spec);

/// "FP32" or "INT64", as the Open Inference Protocol calls them.
const char* type_name(torch::ScalarType type);

/// Whether a tensor is what `spec` says, for `examples` of them.
bool fits(const torch::Tensor& tensor, const TensorSpec& spec, int64_t examples);

}  // namespace lotse::runner::task
