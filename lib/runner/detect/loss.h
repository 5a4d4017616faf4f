#pragma once
#include <torch/torch.h>

#include "runner/detect/assigner.h"
#include "runner/detect/detector.h"
#include "runner/task/learner.h"

namespace lotse::runner::detect {

/// One head's losses over this rank's pictures as sums, to be divided by the sum of `weight` over
/// all ranks: then N ranks and one rank with all the pictures see the same loss.
struct LossSums {
  torch::Tensor box;       ///< (1 - CIoU) * target score
  torch::Tensor classes;   ///< binary cross entropy of all anchors and classes
  torch::Tensor distance;  ///< distribution focal loss (arXiv 2006.04388), or L1 if reg_max is 1
  torch::Tensor weight;    ///< sum of the target scores, no gradient
};

struct LossGains {
  double box = 7.5, classes = 0.5, distance = 1.5;
  torch::Tensor class_weights = {};  ///< C, what each class's entropy is multiplied by; none: 1
};

/// For `counts` objects of each class: (1 / count)^power, 1 in the mean. A class without objects
/// counts as one with one.
torch::Tensor class_weights(const std::vector<int64_t>& counts, double power);

/// `outputs` as the head gives them, `objects` in pixels of the `width` x `height` input, on the
/// outputs' device.
LossSums head_loss(const HeadOutputs& outputs, const Objects& objects,
                   const std::vector<int64_t>& strides, int64_t reg_max, int64_t width,
                   int64_t height, const Assignment& assignment,
                   const torch::Tensor& class_weights = {});

/// The losses of a batch, of the one-to-many head and of the one-to-one head where there is one:
/// 10 anchors an object, and 1 of 7. `one_to_many`: what the first of two heads weighs, see below.
std::vector<task::HeadLoss> losses(const Detector& detector, const Outputs& outputs,
                                   const Objects& objects, int64_t width, int64_t height,
                                   const LossGains& gains, double one_to_many);

/// How much the heads weigh in `epoch` (from 0) of `epochs`: the one-to-many head falls from 0.8 to
/// 0.1 (YOLO26's progressive loss), the one-to-one head gets the rest.
double one_to_many_weight(int64_t epoch, int64_t epochs);

}  // namespace lotse::runner::detect
