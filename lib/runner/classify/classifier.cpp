#include "runner/classify/classifier.h"

#include <cmath>

#include "base/error.h"
#include "runner/nn/rows.h"
#include "runner/nn/tensors.h"

namespace lotse::runner::classify {

using torch::Tensor;

const std::vector<nn::Architecture>& architectures() {
  static const auto all = [] {
    auto list = nn::architectures();
    for (auto& one : list) {
      one.name += "-cls";
      if (one.family == nn::Family::yolov8) one.max_channels = 1024;
    }
    return list;
  }();
  return all;
}

/// A convolution to 1,280 channels, the mean over the picture, and a matrix to the classes.
class Head : public torch::nn::Module {
 public:
  Head(int64_t in, int64_t classes, torch::Device device) {
    conv_ = register_module("conv",
                            std::make_shared<nn::Conv>(in, hidden, nn::Conv::Options{}, device));
    const auto linear = register_module("linear", std::make_shared<torch::nn::Module>("linear"));
    const auto options = torch::TensorOptions().device(device);
    weight_ = linear->register_parameter("weight", torch::empty({classes, hidden}, options));
    bias_ = linear->register_parameter("bias", torch::empty({classes}, options));
  }

  /// `name`: what the names of its parameters begin with.
  void initialize(const std::string& name, uint64_t seed) {
    const double bound = 1 / std::sqrt(static_cast<double>(hidden));
    nn::fill_uniform(weight_, name + ".linear.weight", seed, -bound, bound);
    nn::fill_uniform(bias_, name + ".linear.bias", seed, -bound, bound);
  }

  Tensor forward(const Tensor& x) {
    const auto means = conv_->forward(x).mean({2, 3});
    // In full precision under autocast: the outputs are logits, whose bfloat16 steps are coarse.
    const c10::impl::ExcludeDispatchKeyGuard no_autocast(c10::autocast_dispatch_keyset);
    return torch::linear(means.dtype() == weight_.dtype() ? means : means.to(weight_.dtype()),
                         weight_, bias_);
  }

 private:
  static constexpr int64_t hidden = 1280;
  std::shared_ptr<nn::Conv> conv_;
  Tensor weight_, bias_;  // of `linear`
};

namespace {

std::vector<nn::Row> backbone(const nn::Architecture& architecture, torch::Device device) {
  nn::Rows rows(architecture, device);
  rows.stages();
  rows.attention();
  return rows.take();
}

}  // namespace

Classifier::Classifier(const nn::Architecture& architecture, int64_t classes, torch::Device device)
    : torch::nn::Module("Classifier"), architecture_(architecture), classes_(classes) {
  if (classes < 1) throw base::Error(base::ErrorKind::invalid, "a model needs at least one class");
  rows_ = backbone(architecture_, device);
  const auto model = std::make_shared<torch::nn::Module>("model");
  for (std::size_t i = 0; i < rows_.size(); ++i)
    model->register_module(std::to_string(i), rows_[i].block);
  head_ = std::make_shared<Head>(rows_.back().channels, classes, device);
  model->register_module(std::to_string(rows_.size()), head_);
  register_module("model", model);
  // PyTorch's own, not those of the detectors, is what the reference's classifiers are built with.
  nn::set_norm(*this, 1e-5, 0.1);
}

Classifier::~Classifier() = default;

void Classifier::initialize(uint64_t seed) {
  nn::initialize(*this, seed);
  head_->initialize("model." + std::to_string(rows_.size()), seed);
}

Tensor Classifier::forward(const Tensor& images) {
  auto x = images;
  for (const auto& row : rows_) x = row.block->forward(x);
  return head_->forward(x);
}

void Classifier::set_activation(const nn::Activation& activation) {
  activation_ = activation;
  nn::set_activation(*this, activation);
}

void Classifier::fuse() {
  nn::fuse(*this);
  fused_ = true;
}

std::vector<nn::LayerInfo> Classifier::layers() const {
  auto result = nn::layers_of(rows_);
  result.push_back(
      {"Classify", {static_cast<int64_t>(rows_.size()) - 1}, 0, nn::parameter_count(*head_)});
  return result;
}

}  // namespace lotse::runner::classify
