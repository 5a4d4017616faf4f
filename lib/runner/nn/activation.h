#pragma once
#include <torch/torch.h>

#include <optional>
#include <string>

namespace lotse::runner::nn {

/// What stands behind a convolution, by the name of PyTorch's module.
struct Activation {
  enum class Kind { silu, relu, relu6, leaky_relu, hardswish, gelu, mish, elu, sigmoid, tanh };
  Kind kind = Kind::silu;
  double value = 0;  ///< leaky_relu: the slope below 0; elu: alpha

  bool operator==(const Activation&) const = default;
};

/// "SiLU", "LeakyReLU(negative_slope=0.1)", "ELU(alpha=1)": the module's class, and its settings
/// where they matter; nothing for one that is not known here.
std::optional<Activation> parse_activation(const std::string& text);
std::string to_text(const Activation& activation);

/// In place where nothing must remember the input.
torch::Tensor activate(torch::Tensor x, const Activation& activation);

}  // namespace lotse::runner::nn
