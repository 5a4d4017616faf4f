#include "runner/nn/packed.h"

#include <ATen/core/dispatch/Dispatcher.h>

#include "runner/precision.h"

namespace lotse::runner::nn {

using torch::Tensor;

namespace {

// The operators that torch.compile puts in place of convolutions on a CPU. They have no functions
// in the headers, only names, and their signatures may change: then nothing is packed.
using Reorder = Tensor(const Tensor&, torch::IntArrayRef padding, torch::IntArrayRef stride,
                       torch::IntArrayRef dilation, int64_t groups,
                       torch::OptionalIntArrayRef input_size);
using Scalars = torch::List<std::optional<torch::Scalar>>;
using Convolve = Tensor(const Tensor&, const Tensor& weight, const std::optional<Tensor>& bias,
                        torch::IntArrayRef padding, torch::IntArrayRef stride,
                        torch::IntArrayRef dilation, int64_t groups, std::string_view activation,
                        Scalars, std::optional<std::string_view> algorithm);

template <class Signature>
std::optional<c10::TypedOperatorHandle<Signature>> find(const char* name) {
  const auto found = c10::Dispatcher::singleton().findSchema({name, ""});
  if (!found) return {};
  try {
    return found->typed<Signature>();
  } catch (const c10::Error&) {
    return {};
  }
}

const auto& reorder() {
  static const auto found = find<Reorder>("mkldnn::_reorder_convolution_weight");
  return found;
}

const auto& convolve() {
  static const auto found = find<Convolve>("mkldnn::_convolution_pointwise");
  return found;
}

constexpr std::array<int64_t, 2> no_dilation = {1, 1};

}  // namespace

bool PackedConvolution::possible(torch::ScalarType type) {
  const bool fast = type == torch::kFloat || (type == torch::kBFloat16 && multiplies_bf16());
  return fast && at::hasMKLDNN() && reorder() && convolve();
}

PackedConvolution::PackedConvolution(const Tensor& x, const Tensor& weight, const Tensor& bias,
                                     int64_t stride, int64_t padding, int64_t groups)
    : stride_({stride, stride}), padding_({padding, padding}), groups_(groups) {
  weight_ = reorder()->call(weight.detach(), padding_, stride_, no_dilation, groups_, x.sizes());
  if (bias.defined()) bias_ = bias;
}

Tensor PackedConvolution::forward(const Tensor& x, const Activation* activation) const {
  using Kind = Activation::Kind;
  const bool silu = activation != nullptr && activation->kind == Kind::silu;
  const bool relu = activation != nullptr && activation->kind == Kind::relu;
  const auto y = convolve()->call(x, weight_, bias_, padding_, stride_, no_dilation, groups_,
                                  silu   ? "swish"
                                  : relu ? "relu"
                                         : "none",
                                  Scalars(), std::nullopt);
  return activation == nullptr || silu || relu ? y : activate(y, *activation);
}

}  // namespace lotse::runner::nn
