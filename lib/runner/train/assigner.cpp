#include "runner/train/assigner.h"

#include <algorithm>
#include <cmath>

namespace lotse::runner::train {

using torch::Tensor;
using torch::indexing::Ellipsis;
using torch::indexing::Slice;

namespace {

/// N x M x A, bool: whether the anchor's centre lies strictly inside the object.
Tensor centre_inside(const Tensor& centres, const Tensor& boxes, double least_side) {
  const auto low = boxes.index({Ellipsis, Slice(0, 2)}),
             high = boxes.index({Ellipsis, Slice(2, 4)});
  const auto middle = (low + high) / 2;
  const auto half = (high - low).clamp_min(least_side) / 2;
  const auto distance = (centres.unsqueeze(0).unsqueeze(0) - middle.unsqueeze(2)).abs();
  return (half.unsqueeze(2) - distance).amin(-1) > 1e-9;
}

/// The k largest along the last axis, as a mask.
Tensor largest(const Tensor& values, int64_t k) {
  const auto [_, indices] = values.topk(std::min(k, values.size(-1)), -1);
  return torch::zeros_like(values, torch::kBool).scatter_(-1, indices, true);
}

}  // namespace

Tensor complete_iou(const Tensor& a, const Tensor& b) {
  constexpr double eps = 1e-7;
  const auto at = [](const Tensor& box, int64_t i) { return box.index({Ellipsis, i}); };
  const auto wa = at(a, 2) - at(a, 0), ha = at(a, 3) - at(a, 1) + eps;
  const auto wb = at(b, 2) - at(b, 0), hb = at(b, 3) - at(b, 1) + eps;
  const auto iw = (torch::min(at(a, 2), at(b, 2)) - torch::max(at(a, 0), at(b, 0))).clamp_min(0);
  const auto ih = (torch::min(at(a, 3), at(b, 3)) - torch::max(at(a, 1), at(b, 1))).clamp_min(0);
  const auto inter = iw * ih;
  const auto iou = inter / (wa * ha + wb * hb - inter + eps);
  const auto cw = torch::max(at(a, 2), at(b, 2)) - torch::min(at(a, 0), at(b, 0));
  const auto ch = torch::max(at(a, 3), at(b, 3)) - torch::min(at(a, 1), at(b, 1));
  const auto diagonal = cw.square() + ch.square() + eps;
  const auto dx = at(b, 0) + at(b, 2) - at(a, 0) - at(a, 2),
             dy = at(b, 1) + at(b, 3) - at(a, 1) - at(a, 3);
  const auto distance = (dx.square() + dy.square()) / 4;
  const auto v = (4 / (M_PI * M_PI)) * (torch::atan(wb / hb) - torch::atan(wa / ha)).square();
  const auto weight = (v / (v - iou + (1 + eps))).detach();
  return iou - (distance / diagonal + v * weight);
}

Objects pad_objects(const Tensor& rows, int64_t pictures) {
  const auto counts = std::vector<int64_t>(static_cast<size_t>(pictures), 0);
  auto filled = counts;
  const auto table = rows.to(torch::kFloat64).contiguous();
  const auto* row = table.data_ptr<double>();
  for (int64_t i = 0; i < table.size(0); ++i) ++filled[static_cast<size_t>(row[i * 6])];
  const int64_t most = std::max<int64_t>(1, *std::max_element(filled.begin(), filled.end()));
  Objects objects{torch::zeros({pictures, most, 4}), torch::zeros({pictures, most}, torch::kInt64),
                  torch::zeros({pictures, most}, torch::kBool)};
  filled = counts;
  for (int64_t i = 0; i < table.size(0); ++i, row += 6) {
    const auto picture = static_cast<int64_t>(row[0]);
    const int64_t at = picture * most + filled[static_cast<size_t>(picture)]++;
    for (int64_t c = 0; c < 4; ++c)
      objects.boxes.data_ptr<float>()[at * 4 + c] = static_cast<float>(row[2 + c]);
    objects.classes.data_ptr<int64_t>()[at] = static_cast<int64_t>(row[1]);
    objects.valid.data_ptr<bool>()[at] = true;
  }
  return objects;
}

Assigned assign(const Tensor& scores, const Tensor& boxes, const Tensor& centres,
                const Objects& objects, const Assignment& settings) {
  const torch::NoGradGuard no_gradients;
  constexpr double eps = 1e-9;
  const auto anchors = boxes.size(1), classes = scores.size(2);
  const auto possible =
      centre_inside(centres, objects.boxes, settings.least_side) & objects.valid.unsqueeze(2);
  const auto overlap =
      complete_iou(objects.boxes.unsqueeze(2), boxes.unsqueeze(1)).clamp_min(0) * possible;
  const auto own_class = objects.classes.unsqueeze(2).expand({-1, -1, anchors});
  const auto score = scores.transpose(1, 2).gather(1, own_class);
  const auto metric = score.pow(settings.alpha) * overlap.pow(settings.beta) * possible;

  auto chosen = largest(metric, settings.top_k) & possible;
  const auto wanted_most = torch::zeros_like(chosen).scatter_(1, overlap.argmax(1, true), true);
  const auto contested = chosen.sum(1, true) > 1;
  chosen = torch::where(contested, wanted_most & possible, chosen);
  if (settings.keep < settings.top_k) chosen = chosen & largest(metric * chosen, settings.keep);

  const auto kept = metric * chosen;
  const auto best_metric = kept.amax(2, true), best_overlap = (overlap * chosen).amax(2, true);
  const auto weight =
      (kept * best_overlap / (best_metric + eps)).amax(1).unsqueeze(2);  // N x A x 1

  Assigned result;
  result.positive = chosen.any(1);
  result.object = chosen.to(torch::kInt64).argmax(1);
  const auto object_of = result.object.unsqueeze(2);
  result.boxes = objects.boxes.gather(1, object_of.expand({-1, -1, 4}));
  const auto class_of = objects.classes.gather(1, result.object).unsqueeze(2);
  result.scores = torch::zeros({boxes.size(0), anchors, classes}, scores.options());
  result.scores.scatter_(2, class_of, weight * result.positive.unsqueeze(2));
  return result;
}

}  // namespace lotse::runner::train
