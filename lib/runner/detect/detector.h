#pragma once
#include <torch/torch.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runner/nn/activation.h"
#include "runner/nn/architecture.h"
#include "runner/nn/network.h"

namespace lotse::runner::detect {

/// The side of the pictures that detectors are for, where nobody says otherwise.
inline constexpr int64_t standard_side = 640;

/// What a head says before decoding, one tensor a level (strides 8, 16, 32).
struct HeadOutputs {
  std::vector<torch::Tensor>
      boxes;  ///< N x 4*reg_max x h x w: distances left, top, right, bottom, in cells
              ///< (reg_max 1) or logits of reg_max bins for each of them
  std::vector<torch::Tensor> scores;  ///< N x classes x h x w: logits
};

/// Only the heads that were asked for.
struct Outputs {
  std::optional<HeadOutputs> one_to_many;
  std::optional<HeadOutputs> one_to_one;
};

enum class Heads { one_to_many, one_to_one, both };

class Detect;

/// A detector of one of the three families. Parameters and buffers have the names that checkpoints
/// of the field use ("model.0.conv.weight", "model.23.one2one_cv3.2.2.bias").
class Detector : public torch::nn::Module {
 public:
  /// Without values: see initialize() and load.h. Device meta makes shapes alone.
  Detector(const nn::Architecture& architecture, int64_t classes,
           torch::Device device = torch::kCPU);
  ~Detector() override;

  /// As nn::initialize; biases of the heads as in RetinaNet's prior (arXiv 1708.02002): box 2,
  /// class ln(5 / classes / (640 / stride)^2).
  void initialize(uint64_t seed);

  /// images N x 3 x H x W, 0 to 1, RGB, H and W multiples of 32; any floating type, both memory
  /// formats. A head that is not asked for costs nothing. With gradients on, the one-to-one head
  /// reads detached features, as in YOLOv10 (arXiv 2405.14458). Throws Error(invalid) for a head
  /// that the model does not have, except that `both` means those there are.
  Outputs forward(const torch::Tensor& images, Heads heads = Heads::both);

  /// What stands behind each convolution that has an activation; SiLU unless set.
  void set_activation(const nn::Activation& activation);
  const nn::Activation& activation() const { return activation_; }

  /// nn::fuse; the model cannot be trained or saved afterwards.
  void fuse();
  bool fused() const { return fused_; }
  /// Drops the other head, for good.
  void keep_head(Heads head);

  const nn::Architecture& architecture() const { return architecture_; }
  int64_t classes() const { return classes_; }
  int64_t reg_max() const { return architecture_.reg_max(); }
  bool end_to_end() const { return architecture_.end_to_end(); }
  const std::vector<int64_t>& strides() const { return strides_; }  ///< 8, 16, 32
  int64_t parameter_count() const { return nn::parameter_count(*this); }
  std::vector<nn::LayerInfo> layers() const;

 private:
  nn::Architecture architecture_;
  int64_t classes_;
  std::vector<int64_t> strides_ = {8, 16, 32};
  std::vector<nn::Row> rows_;
  std::shared_ptr<Detect> detect_;
  bool fused_ = false;
  nn::Activation activation_;
};

/// Where boxes are and how sure the model is, A = all cells of all levels.
struct Decoded {
  torch::Tensor boxes;   ///< N x A x 4, fp32: x1, y1, x2, y2 in pixels of the input
  torch::Tensor logits;  ///< N x A x classes, in the network's own type

  torch::Tensor scores() const { return logits.to(torch::kFloat).sigmoid(); }  ///< fp32: 0 to 1
};

/// Distances (expectation over bins if reg_max > 1: Generalized Focal Loss, arXiv 2006.04388) from
/// the centres of the cells, times stride. Torch operators only: can be traced.
Decoded decode(const HeadOutputs& outputs, const std::vector<int64_t>& strides, int64_t reg_max);

/// Centres of the cells of all levels in units of cells (A x 2: x, y) and the stride of each (A x
/// 1), in the order that decode uses: level, row, column. fp32 on the outputs' device.
std::pair<torch::Tensor, torch::Tensor> anchors(const std::vector<torch::Tensor>& levels,
                                                const std::vector<int64_t>& strides);

}  // namespace lotse::runner::detect
