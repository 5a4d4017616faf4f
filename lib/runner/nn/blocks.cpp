#include "runner/nn/blocks.h"

#include <numeric>

namespace lotse::runner::nn {

using torch::Tensor;

Conv2d::Conv2d(int64_t in, int64_t out, int64_t kernel, int64_t stride_, int64_t groups_,
               bool with_bias, torch::Device device)
    : stride(stride_), padding(kernel / 2), groups(groups_) {
  const auto options = torch::TensorOptions().device(device);
  weight = register_parameter("weight", torch::empty({out, in / groups, kernel, kernel}, options));
  if (with_bias) bias = register_parameter("bias", torch::empty({out}, options));
}

Tensor Conv2d::forward(const Tensor& x) {
  if (packs_) return packed(x, nullptr);
  return torch::conv2d(x, weight, bias, stride, padding, 1, groups);
}

Tensor Conv2d::forward(const Tensor& x, const Activation& activation) {
  if (packs_) return packed(x, &activation);
  return activate(forward(x), activation);
}

Tensor Conv2d::packed(const Tensor& x, const Activation* activation) {
  if (!packed_) {
    const torch::InferenceMode off(false);
    packed_.emplace(x, weight, bias, stride, padding, groups);
    weight.set_data(torch::empty({0}, weight.options()));
  }
  return packed_->forward(x, activation);
}

BatchNorm::BatchNorm(int64_t channels, torch::Device device) {
  const auto options = torch::TensorOptions().device(device);
  weight = register_parameter("weight", torch::empty({channels}, options));
  bias = register_parameter("bias", torch::empty({channels}, options));
  running_mean = register_buffer("running_mean", torch::empty({channels}, options));
  running_var = register_buffer("running_var", torch::empty({channels}, options));
  num_batches_tracked =
      register_buffer("num_batches_tracked", torch::empty({}, options.dtype(torch::kLong)));
}

Tensor BatchNorm::forward(const Tensor& x) {
  const bool batch_statistics = is_training() && !frozen;
  if (batch_statistics) num_batches_tracked.add_(1);
  return torch::batch_norm(x, weight, bias, running_mean, running_var, batch_statistics, momentum,
                           eps, true);
}

Conv::Conv(int64_t in, int64_t out, Options options, torch::Device device)
    : activates_(options.activation) {
  conv_ = register_module("conv", std::make_shared<Conv2d>(in, out, options.kernel, options.stride,
                                                           options.groups, false, device));
  bn_ = register_module("bn", std::make_shared<BatchNorm>(out, device));
}

Tensor Conv::forward(const Tensor& x) {
  if (!bn_) return activates_ ? conv_->forward(x, activation_) : conv_->forward(x);
  const auto y = bn_->forward(conv_->forward(x));
  return activates_ ? activate(y, activation_) : y;
}

void Conv::fuse() {
  if (!bn_) return;
  const torch::NoGradGuard no_gradients;
  const auto scale = bn_->weight / torch::sqrt(bn_->running_var + bn_->eps);
  conv_->weight.set_data(conv_->weight * scale.view({-1, 1, 1, 1}));
  conv_->bias = conv_->register_parameter("bias", bn_->bias - bn_->running_mean * scale);
  unregister_module("bn");
  bn_ = nullptr;
}

Chain::Chain(std::vector<BlockPtr> blocks) : blocks_(std::move(blocks)) {
  for (std::size_t i = 0; i < blocks_.size(); ++i) register_module(std::to_string(i), blocks_[i]);
}

Tensor Chain::forward(const Tensor& x) {
  Tensor y = x;
  for (const auto& block : blocks_) y = block->forward(y);
  return y;
}

Bottleneck::Bottleneck(int64_t in, int64_t out, bool shortcut, double expansion,
                       torch::Device device)
    : add_(shortcut && in == out) {
  const auto hidden = static_cast<int64_t>(static_cast<double>(out) * expansion);
  cv1_ = register_module("cv1", std::make_shared<Conv>(in, hidden, Conv::Options{3}, device));
  cv2_ = register_module("cv2", std::make_shared<Conv>(hidden, out, Conv::Options{3}, device));
}

Tensor Bottleneck::forward(const Tensor& x) {
  const auto y = cv2_->forward(cv1_->forward(x));
  return add_ ? x + y : y;
}

C3k::C3k(int64_t in, int64_t out, int64_t repeats, torch::Device device) {
  const int64_t hidden = out / 2;
  cv1_ = register_module("cv1", std::make_shared<Conv>(in, hidden, Conv::Options{}, device));
  cv2_ = register_module("cv2", std::make_shared<Conv>(in, hidden, Conv::Options{}, device));
  cv3_ = register_module("cv3", std::make_shared<Conv>(2 * hidden, out, Conv::Options{}, device));
  std::vector<BlockPtr> inner;
  for (int64_t i = 0; i < repeats; ++i)
    inner.push_back(std::make_shared<Bottleneck>(hidden, hidden, true, 1.0, device));
  m_ = register_module("m", std::make_shared<Chain>(std::move(inner)));
}

Tensor C3k::forward(const Tensor& x) {
  return cv3_->forward(torch::cat({m_->forward(cv1_->forward(x)), cv2_->forward(x)}, 1));
}

Attention::Attention(int64_t channels, int64_t heads, torch::Device device)
    : heads_(heads), key_dim_(channels / heads / 2), head_dim_(channels / heads) {
  const auto linear = [&](int64_t out) {
    return std::make_shared<Conv>(channels, out, Conv::Options{1, 1, 1, false}, device);
  };
  qkv_ = register_module("qkv", linear(channels + 2 * key_dim_ * heads));
  proj_ = register_module("proj", linear(channels));
  pe_ = register_module("pe", std::make_shared<Conv>(channels, channels,
                                                     Conv::Options{3, 1, channels, false}, device));
}

Tensor Attention::forward(const Tensor& x) {
  const auto height = x.size(2);
  const auto width = x.size(3);
  const auto parts = qkv_->forward(x)
                         .reshape({x.size(0), heads_, 2 * key_dim_ + head_dim_, height * width})
                         .split_with_sizes({key_dim_, key_dim_, head_dim_}, 2);
  const auto scale = 1.0 / std::sqrt(static_cast<double>(key_dim_));
  const auto weights =
      torch::softmax(torch::matmul(parts[0].transpose(-2, -1) * scale, parts[1]), -1);
  const auto mixed = torch::matmul(parts[2], weights.transpose(-2, -1)).reshape(x.sizes());
  return proj_->forward(mixed + pe_->forward(parts[2].reshape(x.sizes())));
}

PSABlock::PSABlock(int64_t channels, int64_t heads, torch::Device device) {
  attn_ = register_module("attn", std::make_shared<Attention>(channels, heads, device));
  ffn_ = register_module(
      "ffn",
      std::make_shared<Chain>(std::vector<BlockPtr>{
          std::make_shared<Conv>(channels, 2 * channels, Conv::Options{}, device),
          std::make_shared<Conv>(2 * channels, channels, Conv::Options{1, 1, 1, false}, device)}));
}

Tensor PSABlock::forward(const Tensor& x) {
  const auto y = x + attn_->forward(x);
  return y + ffn_->forward(y);
}

namespace {

int64_t heads_for(int64_t channels) {
  return std::max<int64_t>(channels / 64, 1);
}

BlockPtr inner_block(C2f::Inner inner, int64_t channels, bool shortcut, torch::Device device) {
  switch (inner) {
    case C2f::Inner::bottleneck_full:
      return std::make_shared<Bottleneck>(channels, channels, shortcut, 1.0, device);
    case C2f::Inner::bottleneck_half:
      return std::make_shared<Bottleneck>(channels, channels, shortcut, 0.5, device);
    case C2f::Inner::c3k:
      return std::make_shared<C3k>(channels, channels, 2, device);
    case C2f::Inner::attention:
      break;
  }
  return std::make_shared<Chain>(
      std::vector<BlockPtr>{std::make_shared<Bottleneck>(channels, channels, shortcut, 0.5, device),
                            std::make_shared<PSABlock>(channels, heads_for(channels), device)});
}

}  // namespace

C2f::C2f(int64_t in, int64_t out, int64_t repeats, Inner inner, bool shortcut, double expansion,
         torch::Device device) {
  const auto hidden = static_cast<int64_t>(static_cast<double>(out) * expansion);
  cv1_ = register_module("cv1", std::make_shared<Conv>(in, 2 * hidden, Conv::Options{}, device));
  cv2_ = register_module(
      "cv2", std::make_shared<Conv>((2 + repeats) * hidden, out, Conv::Options{}, device));
  for (int64_t i = 0; i < repeats; ++i) m_.push_back(inner_block(inner, hidden, shortcut, device));
  register_module("m", std::make_shared<Chain>(m_));
}

Tensor C2f::forward(const Tensor& x) {
  auto parts = cv1_->forward(x).chunk(2, 1);
  // Once for all that read it, convolutions and shortcuts.
  parts[1] = parts[1].contiguous(x.suggest_memory_format());
  for (const auto& block : m_) parts.push_back(block->forward(parts.back()));
  return cv2_->forward(torch::cat(parts, 1));
}

SPPF::SPPF(int64_t in, int64_t out, bool first_activation, bool shortcut, torch::Device device)
    : add_(shortcut && in == out) {
  const int64_t hidden = in / 2;
  cv1_ = register_module(
      "cv1", std::make_shared<Conv>(in, hidden, Conv::Options{1, 1, 1, first_activation}, device));
  cv2_ = register_module("cv2", std::make_shared<Conv>(4 * hidden, out, Conv::Options{}, device));
}

Tensor SPPF::forward(const Tensor& x) {
  std::vector<Tensor> parts = {cv1_->forward(x)};
  for (int i = 0; i < 3; ++i) parts.push_back(torch::max_pool2d(parts.back(), 5, 1, 2));
  const auto y = cv2_->forward(torch::cat(parts, 1));
  return add_ ? x + y : y;
}

C2PSA::C2PSA(int64_t channels, int64_t repeats, torch::Device device) {
  const int64_t hidden = channels / 2;
  cv1_ =
      register_module("cv1", std::make_shared<Conv>(channels, 2 * hidden, Conv::Options{}, device));
  cv2_ =
      register_module("cv2", std::make_shared<Conv>(2 * hidden, channels, Conv::Options{}, device));
  std::vector<BlockPtr> inner;
  for (int64_t i = 0; i < repeats; ++i)
    inner.push_back(std::make_shared<PSABlock>(hidden, heads_for(hidden), device));
  m_ = register_module("m", std::make_shared<Chain>(std::move(inner)));
}

Tensor C2PSA::forward(const Tensor& x) {
  const auto parts = cv1_->forward(x).chunk(2, 1);
  return cv2_->forward(torch::cat({parts[0], m_->forward(parts[1])}, 1));
}

}  // namespace lotse::runner::nn
