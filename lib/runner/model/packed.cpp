#include "runner/model/packed.h"

#include <ATen/core/dispatch/Dispatcher.h>

namespace lotse::runner::model {

using torch::Tensor;

namespace {

// The operators that torch.compile puts in place of convolutions on a CPU. They have no functions
// in the headers, only names.
std::optional<c10::OperatorHandle> find(const char* name) {
  return c10::Dispatcher::singleton().findSchema({name, ""});
}

const std::optional<c10::OperatorHandle>& reorder() {
  static const auto found = find("mkldnn::_reorder_convolution_weight");
  return found;
}

const std::optional<c10::OperatorHandle>& convolve() {
  static const auto found = find("mkldnn::_convolution_pointwise");
  return found;
}

Tensor call(const c10::OperatorHandle& which, torch::jit::Stack stack) {
  which.callBoxed(stack);
  return stack.at(0).toTensor();
}

std::vector<int64_t> both(int64_t value) {
  return {value, value};
}

}  // namespace

bool PackedConvolution::possible(torch::ScalarType type) {
  const bool fast =
      type == torch::kFloat || (type == torch::kBFloat16 && __builtin_cpu_supports("avx512bf16"));
  return fast && at::hasMKLDNN() && reorder() && convolve();
}

PackedConvolution::PackedConvolution(const Tensor& x, const Tensor& weight, Tensor bias,
                                     int64_t stride, int64_t padding, int64_t groups)
    : weight_(call(*reorder(), {weight.detach(), both(padding), both(stride), both(1), groups,
                                x.sizes().vec()})),
      bias_(std::move(bias)),
      stride_(stride),
      padding_(padding),
      groups_(groups) {}

Tensor PackedConvolution::forward(const Tensor& x, bool silu) const {
  const auto bias = bias_.defined() ? c10::IValue(bias_) : c10::IValue();
  return call(*convolve(),
              {x, weight_, bias, both(padding_), both(stride_), both(1), groups_,
               silu ? "swish" : "none", c10::List<std::optional<at::Scalar>>(), c10::IValue()});
}

}  // namespace lotse::runner::model
