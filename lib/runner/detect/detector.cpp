#include "runner/detect/detector.h"

#include <cmath>

#include "base/error.h"
#include "runner/detect/head.h"
#include "runner/nn/blocks.h"
#include "runner/nn/tensors.h"

namespace lotse::runner::detect {

using nn::Activation;
using nn::Architecture;
using nn::BatchNorm;
using nn::Block;
using nn::BlockPtr;
using nn::C2f;
using nn::C2PSA;
using nn::Conv;
using nn::Conv2d;
using nn::Family;
using nn::SPPF;
using torch::Tensor;

/// One row of the network: what it reads and the block, if it is more than joining.
struct Layer {
  std::string type;
  std::vector<int64_t> from;
  int64_t channels = 0;
  BlockPtr block;  ///< null: the inputs are joined
};

namespace {

class Upsample : public Block {
 public:
  Tensor forward(const Tensor& x) override {
    return torch::upsample_nearest2d(x, {2 * x.size(2), 2 * x.size(3)});
  }
};

/// Writes down the rows of an architecture, counting channels as it goes.
class Builder {
 public:
  Builder(const Architecture& architecture, torch::Device device)
      : architecture_(architecture), device_(device) {}

  std::vector<std::shared_ptr<Layer>> build() {
    backbone();
    const int64_t deep = last();  // 9, or 10 with attention
    upsample();
    join({last(), 6});
    stage(512, latest());
    const int64_t middle = last();
    upsample();
    join({last(), 4});
    stage(256, latest());
    conv(256);
    join({last(), middle});
    stage(512, latest());
    conv(512);
    join({last(), deep});
    if (architecture_.family == Family::yolo26) {
      csp(1, 1024, C2f::Inner::attention, true, 0.5);
    } else {
      stage(1024, C2f::Inner::c3k);
    }
    return std::move(layers_);
  }

 private:
  void backbone() {
    const bool legacy = architecture_.family == Family::yolov8;
    const auto small = architecture_.c3k_everywhere ? C2f::Inner::c3k : C2f::Inner::bottleneck_half;
    conv(64);
    conv(128);
    backbone_stage(3, 256, 128, small, 0.25);
    conv(256);
    backbone_stage(6, 512, 256, small, 0.25);
    conv(512);
    backbone_stage(6, 512, 512, C2f::Inner::c3k, 0.5);
    conv(1024);
    backbone_stage(3, 1024, 1024, C2f::Inner::c3k, 0.5);
    const bool newest = architecture_.family == Family::yolo26;
    const auto out = scaled(1024);
    add("SPPF", {last()}, out, std::make_shared<SPPF>(channels(), out, !newest, newest, device_));
    if (!legacy) add("C2PSA", {last()}, out, std::make_shared<C2PSA>(out, repeats(2), device_));
  }

  void backbone_stage(int64_t legacy_count, int64_t out, int64_t legacy_out, C2f::Inner inner,
                      double expansion) {
    if (architecture_.family == Family::yolov8) {
      csp(legacy_count, legacy_out, C2f::Inner::bottleneck_full, true, 0.5);
    } else {
      csp(2, out, inner, true, expansion);
    }
  }

  /// A row of the neck: C2f without shortcut three times, or C3k2 twice.
  void stage(int64_t out, C2f::Inner inner) {
    if (architecture_.family == Family::yolov8) {
      csp(3, out, C2f::Inner::bottleneck_full, false, 0.5);
    } else {
      csp(2, out, inner, true, 0.5);
    }
  }

  /// The neck's inner block: C3k in YOLO26 and in the large sizes.
  C2f::Inner latest() const {
    const bool c3k = architecture_.family == Family::yolo26 || architecture_.c3k_everywhere;
    return c3k ? C2f::Inner::c3k : C2f::Inner::bottleneck_half;
  }

  int64_t scaled(int64_t out) const {
    const double wanted =
        static_cast<double>(std::min(out, architecture_.max_channels)) * architecture_.width;
    return static_cast<int64_t>(std::ceil(wanted / 8)) * 8;
  }
  int64_t repeats(int64_t count) const {
    if (count == 1) return 1;
    // nearbyint rounds halves to even, as the field's tools do.
    return std::max<int64_t>(
        static_cast<int64_t>(std::nearbyint(static_cast<double>(count) * architecture_.depth)), 1);
  }
  int64_t last() const { return static_cast<int64_t>(layers_.size()) - 1; }
  int64_t channels() const { return layers_.empty() ? 3 : layers_.back()->channels; }

  void add(const char* type, std::vector<int64_t> from, int64_t out, BlockPtr block) {
    layers_.push_back(std::make_shared<Layer>(Layer{type, std::move(from), out, std::move(block)}));
  }
  void conv(int64_t out) {
    const auto to = scaled(out);
    add("Conv", {last()}, to, std::make_shared<Conv>(channels(), to, Conv::Options{3, 2}, device_));
  }
  void csp(int64_t count, int64_t out, C2f::Inner inner, bool shortcut, double expansion) {
    const auto to = scaled(out);
    add(architecture_.family == Family::yolov8 ? "C2f" : "C3k2", {last()}, to,
        std::make_shared<C2f>(channels(), to, repeats(count), inner, shortcut, expansion, device_));
  }
  void upsample() { add("Upsample", {last()}, channels(), std::make_shared<Upsample>()); }
  void join(std::vector<int64_t> from) {
    int64_t total = 0;
    for (const int64_t row : from) total += layers_[row]->channels;
    add("Concat", std::move(from), total, nullptr);
  }

  const Architecture& architecture_;
  torch::Device device_;
  std::vector<std::shared_ptr<Layer>> layers_;
};

int64_t parameters_of(const torch::nn::Module& module) {
  int64_t count = 0;
  for (const auto& parameter : module.parameters()) count += parameter.numel();
  return count;
}

/// The rows that the head reads.
std::vector<int64_t> levels_of(Family family) {
  return family == Family::yolov8 ? std::vector<int64_t>{15, 18, 21}
                                  : std::vector<int64_t>{16, 19, 22};
}

}  // namespace

Detector::Detector(const Architecture& architecture, int64_t classes, torch::Device device)
    : torch::nn::Module("Detector"), architecture_(architecture), classes_(classes) {
  if (classes < 1) throw base::Error(base::ErrorKind::invalid, "a model needs at least one class");
  layers_ = Builder(architecture_, device).build();
  const auto model = std::make_shared<torch::nn::Module>("model");
  std::vector<int64_t> in;
  for (const int64_t row : levels_of(architecture_.family)) in.push_back(layers_[row]->channels);
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    if (layers_[i]->block) model->register_module(std::to_string(i), layers_[i]->block);
  }
  detect_ = std::make_shared<Detect>(architecture_, classes, in, device);
  model->register_module(std::to_string(layers_.size()), detect_);
  register_module("model", model);
}

void Detector::initialize(uint64_t seed) {
  const torch::NoGradGuard no_gradients;
  for (const auto& named : named_modules("", false)) {
    if (auto* conv = dynamic_cast<Conv2d*>(named.value().get())) {
      const double fan_in = static_cast<double>(conv->weight[0].numel());
      const double bound = 1 / std::sqrt(fan_in);
      nn::fill_uniform(conv->weight, named.key() + ".weight", seed, -bound, bound);
    } else if (auto* norm = dynamic_cast<BatchNorm*>(named.value().get())) {
      norm->weight.fill_(1);
      norm->bias.zero_();
      norm->running_mean.zero_();
      norm->running_var.fill_(1);
      norm->num_batches_tracked.zero_();
    }
  }
  for (auto& named : named_parameters()) {
    if (!named.value().requires_grad())  // the bins' values
      named.value().copy_(torch::arange(named.value().numel()).view_as(named.value()));
  }
  detect_->initialize_biases(strides_);
}

Outputs Detector::forward(const Tensor& images, Heads heads) {
  const bool both = heads == Heads::both;
  if (heads == Heads::one_to_one && !detect_->has(true))
    throw base::Error(base::ErrorKind::invalid, architecture_.name + " has no one-to-one head",
                      "Take the one-to-many head (o2m).");
  if (heads == Heads::one_to_many && !detect_->has(false))
    throw base::Error(base::ErrorKind::failed, "the one-to-many head was dropped");
  std::vector<Tensor> rows;
  for (const auto& layer : layers_) {
    if (layer->block) {
      rows.push_back(layer->block->forward(rows.empty() ? images : rows[layer->from[0]]));
    } else {
      rows.push_back(torch::cat({rows[layer->from[0]], rows[layer->from[1]]}, 1));
    }
  }
  std::vector<Tensor> features;
  for (const int64_t row : levels_of(architecture_.family)) features.push_back(rows[row]);
  Outputs outputs;
  if (heads == Heads::one_to_many || (both && detect_->has(false)))
    outputs.one_to_many = detect_->forward(features, false);
  if (heads == Heads::one_to_one || (both && detect_->has(true)))
    outputs.one_to_one = detect_->forward(features, true);
  return outputs;
}

void Detector::set_activation(const Activation& activation) {
  activation_ = activation;
  for (const auto& module : modules(false)) {
    if (auto* conv = dynamic_cast<Conv*>(module.get())) conv->set_activation(activation);
  }
}

void Detector::fuse() {
  for (const auto& module : modules(false)) {
    if (auto* conv = dynamic_cast<Conv*>(module.get())) conv->fuse();
  }
  fused_ = true;
}

void Detector::keep_head(Heads head) {
  if (head == Heads::both) return;
  const bool keep_one_to_one = head == Heads::one_to_one;
  if (!detect_->has(keep_one_to_one))
    throw base::Error(base::ErrorKind::invalid, architecture_.name + " has no such head");
  detect_->drop(!keep_one_to_one);
}

void Detector::to_channels_last() {
  for (auto& parameter : parameters()) {
    if (parameter.dim() == 4)
      parameter.set_data(parameter.data().contiguous(torch::MemoryFormat::ChannelsLast));
  }
}

void Detector::pack() {
  const auto example = parameters().front();
  if (!example.device().is_cpu() || !nn::PackedConvolution::possible(example.scalar_type())) return;
  for (const auto& module : modules(false)) {
    if (auto* convolution = dynamic_cast<Conv2d*>(module.get())) convolution->pack();
  }
}

void Detector::freeze_batch_norm(bool frozen) {
  for (const auto& module : modules(false)) {
    if (auto* norm = dynamic_cast<BatchNorm*>(module.get())) norm->frozen = frozen;
  }
}

int64_t Detector::parameter_count() const {
  return parameters_of(*this);
}

std::vector<LayerInfo> Detector::layers() const {
  std::vector<LayerInfo> result;
  for (const auto& layer : layers_) {
    result.push_back({layer->type, layer->from, layer->channels,
                      layer->block ? parameters_of(*layer->block) : 0});
  }
  result.push_back({"Detect", levels_of(architecture_.family), 0, parameters_of(*detect_)});
  return result;
}

std::pair<Tensor, Tensor> anchors(const std::vector<Tensor>& levels,
                                  const std::vector<int64_t>& strides) {
  std::vector<Tensor> centres;
  std::vector<Tensor> scales;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const auto options = torch::TensorOptions().device(levels[i].device()).dtype(torch::kFloat);
    const auto height = levels[i].size(2);
    const auto width = levels[i].size(3);
    const auto x = (torch::arange(width, options) + 0.5).view({1, width}).expand({height, width});
    const auto y = (torch::arange(height, options) + 0.5).view({height, 1}).expand({height, width});
    centres.push_back(torch::stack({x, y}, -1).reshape({-1, 2}));
    scales.push_back(torch::full({height * width, 1}, static_cast<double>(strides[i]), options));
  }
  return {torch::cat(centres), torch::cat(scales)};
}

namespace {

/// N x A x numbers of an anchor, over all levels: how convolutions leave them in memory.
Tensor by_anchor(const std::vector<Tensor>& levels) {
  std::vector<Tensor> rows;
  rows.reserve(levels.size());
  for (const auto& level : levels) rows.push_back(level.flatten(2).transpose(1, 2));
  return torch::cat(rows, 1);
}

}  // namespace

Decoded decode(const HeadOutputs& outputs, const std::vector<int64_t>& strides, int64_t reg_max) {
  auto distances = by_anchor(outputs.boxes).to(torch::kFloat);  // N x A x 4*reg_max
  if (reg_max > 1) {
    const auto bins = torch::arange(reg_max, distances.options());
    const auto likely =
        distances.view({distances.size(0), distances.size(1), 4, reg_max}).softmax(3);
    distances = (likely * bins).sum(3);
  }
  const auto [centres, scales] = anchors(outputs.boxes, strides);
  const auto corner = centres.unsqueeze(0) - distances.slice(2, 0, 2);
  const auto opposite = centres.unsqueeze(0) + distances.slice(2, 2, 4);
  return {torch::cat({corner, opposite}, 2) * scales, by_anchor(outputs.scores)};
}

}  // namespace lotse::runner::detect
