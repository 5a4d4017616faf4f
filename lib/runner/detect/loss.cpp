#include "runner/detect/loss.h"

#include <algorithm>

namespace lotse::runner::detect {

using torch::Tensor;
using torch::indexing::Ellipsis;
using torch::indexing::Slice;

namespace {

/// Joins all levels to N x A x channels, in the order of anchors; in float32 at least.
Tensor flatten(const std::vector<Tensor>& levels) {
  std::vector<Tensor> flat;
  for (const auto& level : levels)
    flat.push_back(level.to(torch::promote_types(level.scalar_type(), torch::kFloat32)).flatten(2));
  return torch::cat(flat, 2).transpose(1, 2);
}

/// Distances in cells: the mean over the bins, or the value itself.
Tensor expected_distances(const Tensor& raw, int64_t reg_max) {
  if (reg_max == 1) return raw;
  const auto bins = torch::arange(reg_max, raw.options());
  return raw.view({raw.size(0), raw.size(1), 4, reg_max}).softmax(3).matmul(bins);
}

Tensor boxes_from(const Tensor& distances, const Tensor& centres) {
  return torch::cat({centres - distances.index({Ellipsis, Slice(0, 2)}),
                     centres + distances.index({Ellipsis, Slice(2, 4)})},
                    -1);
}

Tensor distances_from(const Tensor& boxes, const Tensor& centres) {
  return torch::cat({centres - boxes.index({Ellipsis, Slice(0, 2)}),
                     boxes.index({Ellipsis, Slice(2, 4)}) - centres},
                    -1);
}

/// logits P x 4 x bins, target P x 4 in bins -> P: cross entropy with the two bins around.
Tensor distribution_focal(const Tensor& logits, const Tensor& target) {
  const auto bins = logits.size(2);
  const auto wanted = target.clamp(0, static_cast<double>(bins) - 1.01);
  const auto left = wanted.floor();
  const auto right_part = wanted - left;
  const auto index = left.to(torch::kInt64).unsqueeze(2);
  const auto log_p = logits.log_softmax(2);
  const auto at_left = log_p.gather(2, index).squeeze(2),
             at_right = log_p.gather(2, index + 1).squeeze(2);
  return -(at_left * (1 - right_part) + at_right * right_part).mean(1);
}

}  // namespace

LossSums head_loss(const HeadOutputs& outputs, const Objects& objects,
                   const std::vector<int64_t>& strides, int64_t reg_max, int64_t width,
                   int64_t height, const Assignment& assignment, const Tensor& class_weights) {
  const auto raw = flatten(outputs.boxes), logits = flatten(outputs.scores);
  const auto [centres, stride] = anchors(outputs.boxes, strides);
  const auto boxes = boxes_from(expected_distances(raw, reg_max), centres) * stride;
  const auto target =
      assign(logits.detach().sigmoid(), boxes.detach(), centres * stride, objects, assignment);

  LossSums sums;
  sums.weight = target.scores.sum();
  sums.classes = torch::binary_cross_entropy_with_logits(logits, target.scores, class_weights, {},
                                                         at::Reduction::Sum);
  const auto where = target.positive.nonzero();
  const auto picture = where.select(1, 0), anchor = where.select(1, 1);
  const auto pick = [&](const Tensor& of) { return of.index({picture, anchor}); };
  const auto weight = pick(target.scores).sum(-1);
  const auto wanted = pick(target.boxes);
  sums.box = ((1 - complete_iou(pick(boxes), wanted)) * weight).sum();
  const auto centre = centres.index({anchor}), step = stride.index({anchor});
  const auto distances = distances_from(wanted / step, centre);
  if (reg_max > 1) {
    const auto bins = pick(raw).view({-1, 4, reg_max});
    sums.distance = (distribution_focal(bins, distances) * weight).sum();
  } else {
    const auto side = torch::tensor({width, height, width, height}, raw.options());
    sums.distance = (((pick(raw) - distances) * step / side).abs().mean(1) * weight).sum();
  }
  return sums;
}

std::vector<task::HeadLoss> losses(const Detector& detector, const Outputs& outputs,
                                   const Objects& objects, int64_t width, int64_t height,
                                   const LossGains& gains, double one_to_many) {
  const auto head = [&](const HeadOutputs& from, const Assignment& assignment, double part) {
    const auto sums = head_loss(from, objects, detector.strides(), detector.reg_max(), width,
                                height, assignment, gains.class_weights);
    return task::HeadLoss{
        {{sums.box, gains.box}, {sums.classes, gains.classes}, {sums.distance, gains.distance}},
        sums.weight,
        part};
  };
  const bool two = outputs.one_to_one.has_value();
  std::vector<task::HeadLoss> heads = {head(*outputs.one_to_many, {10, 10}, two ? one_to_many : 1)};
  if (two) heads.push_back(head(*outputs.one_to_one, {7, 1}, 1 - one_to_many));
  return heads;
}

Tensor class_weights(const std::vector<int64_t>& counts, double power) {
  const auto rarity = torch::tensor(counts, torch::kFloat64).clamp_min(1).reciprocal().pow(power);
  return (rarity / rarity.mean()).to(torch::kFloat32);
}

double one_to_many_weight(int64_t epoch, int64_t epochs) {
  constexpr double first = 0.8, last = 0.1;
  const double past =
      static_cast<double>(epoch) / static_cast<double>(std::max<int64_t>(epochs - 1, 1));
  return std::max(1 - past, 0.0) * (first - last) + last;
}

}  // namespace lotse::runner::detect
