#pragma once
#include <torch/torch.h>

#include <array>
#include <optional>

#include "runner/nn/activation.h"

namespace lotse::runner::nn {

/// A convolution whose weights lie as oneDNN wants them on this processor, laid out once instead of
/// at each call, and which does the activation in the same pass where it can. Cannot be traced or
/// trained.
class PackedConvolution {
 public:
  /// Whether libtorch and this processor can do it for numbers of this type.
  static bool possible(torch::ScalarType type);

  /// Pictures like `x` are what the layout is best for; others work as well. `bias` may be
  /// undefined.
  PackedConvolution(const torch::Tensor& x, const torch::Tensor& weight, const torch::Tensor& bias,
                    int64_t stride, int64_t padding, int64_t groups);
  /// `activation` may be null: none.
  torch::Tensor forward(const torch::Tensor& x, const Activation* activation) const;

 private:
  torch::Tensor weight_;
  std::optional<torch::Tensor> bias_;
  std::array<int64_t, 2> stride_, padding_;
  int64_t groups_;
};

}  // namespace lotse::runner::nn
