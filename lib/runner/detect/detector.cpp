#include "runner/detect/detector.h"

#include <cmath>

#include "base/error.h"
#include "runner/detect/head.h"
#include "runner/nn/blocks.h"
#include "runner/nn/rows.h"

namespace lotse::runner::detect {

using nn::Activation;
using nn::Architecture;
using nn::Block;
using nn::C2f;
using nn::Family;
using nn::SPPF;
using torch::Tensor;

namespace {

class Upsample : public Block {
 public:
  Tensor forward(const Tensor& x) override {
    return torch::upsample_nearest2d(x, {2 * x.size(2), 2 * x.size(3)});
  }
};

/// The rows of a detector behind the nine that every network has.
class Builder : private nn::Rows {
 public:
  using nn::Rows::Rows;

  std::vector<nn::Row> build() {
    stages();
    pool();
    attention();
    const int64_t deep = last();  // 9, or 10 with attention
    upsample();
    join({last(), 6});
    neck(512, latest());
    const int64_t middle = last();
    upsample();
    join({last(), 4});
    neck(256, latest());
    conv(256);
    join({last(), middle});
    neck(512, latest());
    conv(512);
    join({last(), deep});
    if (architecture().family == Family::yolo26) {
      csp(1, 1024, C2f::Inner::attention, true, 0.5);
    } else {
      neck(1024, C2f::Inner::c3k);
    }
    return take();
  }

 private:
  void pool() {
    const bool newest = architecture().family == Family::yolo26;
    const auto out = scaled(1024);
    add("SPPF", out, std::make_shared<SPPF>(channels(), out, !newest, newest, device()));
  }

  /// C2f without shortcut three times, or C3k2 twice.
  void neck(int64_t out, C2f::Inner inner) {
    if (architecture().family == Family::yolov8) {
      csp(3, out, C2f::Inner::bottleneck_full, false, 0.5);
    } else {
      csp(2, out, inner, true, 0.5);
    }
  }

  /// The neck's inner block: C3k in YOLO26 and in the large sizes.
  C2f::Inner latest() const {
    const bool c3k = architecture().family == Family::yolo26 || architecture().c3k_everywhere;
    return c3k ? C2f::Inner::c3k : C2f::Inner::bottleneck_half;
  }

  void upsample() { add("Upsample", channels(), std::make_shared<Upsample>()); }
};

/// The rows that the head reads.
std::vector<int64_t> levels_of(Family family) {
  return family == Family::yolov8 ? std::vector<int64_t>{15, 18, 21}
                                  : std::vector<int64_t>{16, 19, 22};
}

}  // namespace

Detector::Detector(const Architecture& architecture, int64_t classes, torch::Device device)
    : torch::nn::Module("Detector"), architecture_(architecture), classes_(classes) {
  if (classes < 1) throw base::Error(base::ErrorKind::invalid, "a model needs at least one class");
  rows_ = Builder(architecture_, device).build();
  const auto model = std::make_shared<torch::nn::Module>("model");
  std::vector<int64_t> in;
  for (const int64_t row : levels_of(architecture_.family))
    in.push_back(rows_[static_cast<size_t>(row)].channels);
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    if (rows_[i].block) model->register_module(std::to_string(i), rows_[i].block);
  }
  detect_ = std::make_shared<Detect>(architecture_, classes, in, device);
  model->register_module(std::to_string(rows_.size()), detect_);
  register_module("model", model);
}

Detector::~Detector() = default;

void Detector::initialize(uint64_t seed) {
  const torch::NoGradGuard no_gradients;
  nn::initialize(*this, seed);
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
  const auto at = [&rows](int64_t row) { return rows[static_cast<size_t>(row)]; };
  for (const auto& row : rows_) {
    if (row.block) {
      rows.push_back(row.block->forward(rows.empty() ? images : at(row.from[0])));
    } else {
      rows.push_back(torch::cat({at(row.from[0]), at(row.from[1])}, 1));
    }
  }
  std::vector<Tensor> features;
  for (const int64_t row : levels_of(architecture_.family)) features.push_back(at(row));
  Outputs outputs;
  if (heads == Heads::one_to_many || (both && detect_->has(false)))
    outputs.one_to_many = detect_->forward(features, false);
  if (heads == Heads::one_to_one || (both && detect_->has(true)))
    outputs.one_to_one = detect_->forward(features, true);
  return outputs;
}

void Detector::set_activation(const Activation& activation) {
  activation_ = activation;
  nn::set_activation(*this, activation);
}

void Detector::fuse() {
  nn::fuse(*this);
  fused_ = true;
}

void Detector::keep_head(Heads head) {
  if (head == Heads::both) return;
  const bool keep_one_to_one = head == Heads::one_to_one;
  if (!detect_->has(keep_one_to_one))
    throw base::Error(base::ErrorKind::invalid, architecture_.name + " has no such head");
  detect_->drop(!keep_one_to_one);
}

std::vector<nn::LayerInfo> Detector::layers() const {
  auto result = nn::layers_of(rows_);
  result.push_back({"Detect", levels_of(architecture_.family), 0, nn::parameter_count(*detect_)});
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
