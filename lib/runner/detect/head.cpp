#include "runner/detect/head.h"

#include <algorithm>
#include <cmath>

namespace lotse::runner::detect {

using nn::Architecture;
using nn::BlockPtr;
using nn::Chain;
using nn::Conv;
using nn::Conv2d;
using nn::Family;
using torch::Tensor;

namespace {

BlockPtr conv(int64_t in, int64_t out, int64_t kernel, int64_t groups, torch::Device device) {
  return std::make_shared<Conv>(in, out, Conv::Options{kernel, 1, groups}, device);
}

/// The last convolution of a branch: in full precision under autocast, since its outputs are
/// distances and logits, whose bfloat16 steps are a quarter of a pixel and more.
class OutputConv : public Conv2d {
 public:
  using Conv2d::Conv2d;
  Tensor forward(const Tensor& x) override {
    const c10::impl::ExcludeDispatchKeyGuard no_autocast(c10::autocast_dispatch_keyset);
    return Conv2d::forward(x.dtype() == weight.dtype() ? x : x.to(weight.dtype()));
  }
};

BlockPtr plain(int64_t in, int64_t out, torch::Device device) {
  return std::make_shared<OutputConv>(in, out, 1, 1, 1, true, device);
}

/// A depthwise 3 x 3 convolution and a full 1 x 1.
BlockPtr separable(int64_t in, int64_t out, torch::Device device) {
  return std::make_shared<Chain>(
      std::vector<BlockPtr>{conv(in, in, 3, in, device), conv(in, out, 1, 1, device)});
}

std::shared_ptr<Chain> score_branch(Family family, int64_t in, int64_t hidden, int64_t classes,
                                    torch::Device device) {
  std::vector<BlockPtr> blocks;
  if (family == Family::yolov8) {
    blocks = {conv(in, hidden, 3, 1, device), conv(hidden, hidden, 3, 1, device)};
  } else {
    blocks = {separable(in, hidden, device), separable(hidden, hidden, device)};
  }
  blocks.push_back(plain(hidden, classes, device));
  return std::make_shared<Chain>(std::move(blocks));
}

std::shared_ptr<torch::nn::Module> list(const std::vector<std::shared_ptr<Chain>>& chains) {
  auto holder = std::make_shared<torch::nn::Module>("levels");
  for (std::size_t i = 0; i < chains.size(); ++i)
    holder->register_module(std::to_string(i), chains[i]);
  return holder;
}

Tensor& last_bias(const Chain& chain) {
  return std::static_pointer_cast<Conv2d>(chain.blocks().back())->bias;
}

}  // namespace

Detect::Detect(const Architecture& architecture, int64_t classes, const std::vector<int64_t>& in,
               torch::Device device)
    : classes_(classes) {
  o2m_ = make(architecture, in, "", device);
  if (architecture.reg_max() > 1) {
    // The bins' values 0 to 15, in checkpoints as a weight that is never trained. decode() has them
    // built in.
    const auto dfl = std::make_shared<torch::nn::Module>("dfl");
    auto bins = std::make_shared<Conv2d>(architecture.reg_max(), 1, 1, 1, 1, false, device);
    bins->weight.set_requires_grad(false);
    dfl->register_module("conv", bins);
    register_module("dfl", dfl);
  }
  if (architecture.end_to_end()) o2o_ = make(architecture, in, "one2one_", device);
}

Detect::Branches Detect::make(const Architecture& architecture, const std::vector<int64_t>& in,
                              const std::string& prefix, torch::Device device) {
  const int64_t distances = 4 * architecture.reg_max();
  const int64_t box_hidden = std::max({int64_t{16}, in[0] / 4, distances});
  const int64_t score_hidden = std::max(in[0], std::min<int64_t>(classes_, 100));
  Branches branches;
  for (const int64_t channels : in) {
    branches.boxes.push_back(std::make_shared<Chain>(std::vector<BlockPtr>{
        conv(channels, box_hidden, 3, 1, device), conv(box_hidden, box_hidden, 3, 1, device),
        plain(box_hidden, distances, device)}));
    branches.scores.push_back(
        score_branch(architecture.family, channels, score_hidden, classes_, device));
  }
  register_module(prefix + "cv2", list(branches.boxes));
  register_module(prefix + "cv3", list(branches.scores));
  return branches;
}

HeadOutputs Detect::forward(const std::vector<Tensor>& features, bool one_to_one) {
  const auto& branches = one_to_one ? o2o_ : o2m_;
  HeadOutputs outputs;
  for (std::size_t i = 0; i < features.size(); ++i) {
    const bool apart = one_to_one && torch::GradMode::is_enabled();
    const auto& x = apart ? features[i].detach() : features[i];
    outputs.boxes.push_back(branches.boxes[i]->forward(x));
    outputs.scores.push_back(branches.scores[i]->forward(x));
  }
  return outputs;
}

void Detect::drop(bool one_to_one) {
  const std::string prefix = one_to_one ? "one2one_" : "";
  if (!has(one_to_one)) return;
  unregister_module(prefix + "cv2");
  unregister_module(prefix + "cv3");
  (one_to_one ? o2o_ : o2m_) = {};
}

void Detect::initialize_biases(const std::vector<int64_t>& strides) {
  const torch::NoGradGuard no_gradients;
  for (auto* branches : {&o2m_, &o2o_}) {
    for (std::size_t i = 0; i < branches->boxes.size(); ++i) {
      const double cells = 640.0 / static_cast<double>(strides[i]);
      last_bias(*branches->boxes[i]).fill_(2.0);
      last_bias(*branches->scores[i])
          .fill_(std::log(5.0 / static_cast<double>(classes_) / (cells * cells)));
    }
  }
}

}  // namespace lotse::runner::detect
