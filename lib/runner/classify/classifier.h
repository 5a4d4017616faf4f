#pragma once
#include <torch/torch.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "runner/nn/activation.h"
#include "runner/nn/architecture.h"
#include "runner/nn/network.h"

namespace lotse::runner::classify {

/// The fifteen classifiers, "yolo26n-cls" to "yolov8x-cls". They differ from the detectors of their
/// names in that YOLOv8's large sizes have up to 1,024 channels.
const std::vector<nn::Architecture>& architectures();

class Head;

/// A classifier: the rows of a detector's backbone but the pooling, and a head that says of the
/// whole picture what it shows. Parameters and buffers have the names that checkpoints of the field
/// use ("model.0.conv.weight", "model.10.linear.bias").
class Classifier : public torch::nn::Module {
 public:
  /// Without values: see initialize() and load.h. Device meta makes shapes alone.
  Classifier(const nn::Architecture& architecture, int64_t classes,
             torch::Device device = torch::kCPU);
  ~Classifier() override;

  /// As nn::initialize; the last layer uniform in +-1/sqrt(fan-in), as PyTorch makes linear layers.
  void initialize(uint64_t seed);

  /// images N x 3 x H x W, 0 to 1, RGB, any floating type, both memory formats -> logits N x
  /// classes, in the network's type.
  torch::Tensor forward(const torch::Tensor& images);

  /// What stands behind each convolution that has an activation; SiLU unless set.
  void set_activation(const nn::Activation& activation);
  const nn::Activation& activation() const { return activation_; }

  /// nn::fuse; the model cannot be trained or saved afterwards.
  void fuse();
  bool fused() const { return fused_; }

  const nn::Architecture& architecture() const { return architecture_; }
  int64_t classes() const { return classes_; }
  std::vector<nn::LayerInfo> layers() const;

 private:
  nn::Architecture architecture_;
  int64_t classes_;
  std::vector<nn::Row> rows_;
  std::shared_ptr<Head> head_;
  bool fused_ = false;
  nn::Activation activation_;
};

}  // namespace lotse::runner::classify
