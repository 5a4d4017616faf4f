#include "runner/detect/assigner.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace lotse::runner::detect {

using torch::Tensor;
using torch::indexing::Ellipsis;
using torch::indexing::Slice;

namespace {

/// Pairs of an object and an anchor that are looked at together. Pictures do not touch each other,
/// so a batch is cut between them: a processor is fastest where the pairs fit into its cache, a GPU
/// where they are many.
int64_t most_pairs(const torch::Device& device) {
  return device.is_cuda() ? 64'000'000 : 2'000'000;
}

/// N x M x A, bool: whether the anchor's centre lies strictly inside the object.
Tensor centre_inside(const Tensor& centres, const Tensor& boxes, double least_side) {
  Tensor inside;
  for (const int64_t axis : {0, 1}) {
    const auto low = boxes.select(2, axis), high = boxes.select(2, axis + 2);
    const auto middle = (low + high) / 2;
    const auto half = (high - low).clamp_min(least_side) / 2;
    const auto distance = (centres.select(1, axis).view({1, 1, -1}) - middle.unsqueeze(2)).abs_();
    const auto within = distance.neg_().add_(half.unsqueeze(2)) > 1e-9;
    inside = inside.defined() ? inside.logical_and_(within) : within;
  }
  return inside;
}

/// Candidates: P objects with an anchor each. Objects are numbered through all pictures, n * M + m,
/// and so are anchors, n * A + a.
struct Pairs {
  Tensor object, anchor;   ///< P, int64
  Tensor overlap, metric;  ///< P

  Pairs at(const Tensor& which) const {
    return {object.index({which}), anchor.index({which}), overlap.index({which}),
            metric.index({which})};
  }
};

/// The pairs that may be assigned: the anchor inside the object and a metric above 0.
Pairs candidates(const Tensor& scores, const Tensor& boxes, const Tensor& centres,
                 const Objects& objects, const Assignment& settings) {
  const auto anchors = boxes.size(1), most = objects.valid.size(1);
  const auto inside = centre_inside(centres, objects.boxes, settings.least_side)
                          .logical_and_(objects.valid.unsqueeze(2))
                          .nonzero();
  const auto picture = inside.select(1, 0), m = inside.select(1, 1), a = inside.select(1, 2);
  const auto object = picture * most + m, anchor = picture * anchors + a;
  const auto overlap = complete_iou(objects.boxes.flatten(0, 1).index({object}),
                                    boxes.reshape({-1, 4}).index({anchor}))
                           .clamp_min(0);
  const auto score = scores.index({picture, a, objects.classes.flatten().index({object})});
  const auto metric = score.pow(settings.alpha) * overlap.pow(settings.beta);
  return Pairs{object, anchor, overlap, metric}.at(metric.gt(0).nonzero().squeeze(1));
}

/// By object, the best metric first; of equal ones the first anchor.
Pairs sorted(const Pairs& pairs) {
  const auto by_metric = std::get<1>(pairs.metric.sort(true, 0, true));
  const auto by_object = std::get<1>(pairs.object.index({by_metric}).sort(true, 0, false));
  return pairs.at(by_metric.index({by_object}));
}

/// The first k chosen pairs of each object, of pairs that are sorted(). All P, bool.
Tensor first(const Tensor& chosen, const Tensor& object, int64_t k) {
  const auto before = chosen.to(torch::kInt64).cumsum(0) - chosen.to(torch::kInt64);
  const auto of_object = torch::searchsorted(object, object);
  return chosen & (before - before.index({of_object}) < k);
}

/// The largest value of each group; 0 where a group has none. `group` P, int64; `values` P.
Tensor largest(const Tensor& values, const Tensor& group, int64_t groups) {
  return torch::zeros({groups}, values.options()).scatter_reduce(0, group, values, "amax");
}

/// An anchor chosen by several objects goes to the one that it overlaps most of all in whose inside
/// it lies, be it one of those or not; of equal ones to the first. All P, bool.
Tensor settle(const Tensor& chosen, const Pairs& pairs, int64_t anchors) {
  const auto choosers = torch::zeros({anchors}, pairs.anchor.options())
                            .scatter_add(0, pairs.anchor, chosen.to(torch::kInt64));
  const auto contested = choosers.index({pairs.anchor}) > 1;
  const auto most = largest(pairs.overlap, pairs.anchor, anchors);
  const auto closest = pairs.overlap == most.index({pairs.anchor});
  const auto nobody =
      torch::full({anchors}, std::numeric_limits<int64_t>::max(), pairs.object.options());
  const auto winner = nobody.scatter_reduce(0, pairs.anchor,
                                            torch::where(closest, pairs.object, nobody[0]), "amin");
  return torch::where(contested, pairs.object == winner.index({pairs.anchor}), chosen);
}

/// assign() for pictures whose pairs may all be looked at together.
Assigned assign_together(const Tensor& scores, const Tensor& boxes, const Tensor& centres,
                         const Objects& objects, const Assignment& settings) {
  constexpr double eps = 1e-9;
  const auto pictures = boxes.size(0), anchors = boxes.size(1), most = objects.valid.size(1);
  auto pairs = sorted(candidates(scores, boxes, centres, objects, settings));
  auto chosen = first(torch::ones_like(pairs.object, torch::kBool), pairs.object, settings.top_k);
  chosen = settle(chosen, pairs, pictures * anchors);
  if (settings.keep < settings.top_k) chosen = first(chosen, pairs.object, settings.keep);
  pairs = pairs.at(chosen.nonzero().squeeze(1));

  const auto best_metric = largest(pairs.metric, pairs.object, pictures * most),
             best_overlap = largest(pairs.overlap, pairs.object, pictures * most);
  const auto weight =
      pairs.metric * best_overlap.index({pairs.object}) / (best_metric.index({pairs.object}) + eps);
  const auto by_anchor = torch::TensorOptions().device(boxes.device());
  const auto object = torch::zeros({pictures * anchors}, by_anchor.dtype(torch::kInt64))
                          .scatter_(0, pairs.anchor, pairs.object.remainder(most))
                          .view({pictures, anchors});
  Assigned result;
  result.object = object;
  result.positive = torch::zeros({pictures * anchors}, by_anchor.dtype(torch::kBool))
                        .scatter_(0, pairs.anchor, true)
                        .view({pictures, anchors});
  result.boxes = objects.boxes.gather(1, object.unsqueeze(2).expand({-1, -1, 4}));
  const auto weight_of_anchor = torch::zeros({pictures * anchors}, scores.options())
                                    .scatter_(0, pairs.anchor, weight)
                                    .view({pictures, anchors, 1});
  result.scores = torch::zeros_like(scores).scatter_(
      2, objects.classes.gather(1, object).unsqueeze(2), weight_of_anchor);
  return result;
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
  const auto pictures = boxes.size(0);
  const auto pairs_of_picture = std::max<int64_t>(1, boxes.size(1) * objects.valid.size(1));
  const auto together = std::max<int64_t>(1, most_pairs(boxes.device()) / pairs_of_picture);
  std::vector<Tensor> target_boxes, target_scores, positive, object;
  for (int64_t from = 0; from < pictures; from += together) {
    const auto part = [&](const Tensor& of) {
      return of.slice(0, from, std::min(from + together, pictures));
    };
    const auto some = assign_together(
        part(scores), part(boxes), centres,
        {part(objects.boxes), part(objects.classes), part(objects.valid)}, settings);
    target_boxes.push_back(some.boxes);
    target_scores.push_back(some.scores);
    positive.push_back(some.positive);
    object.push_back(some.object);
  }
  return {torch::cat(target_boxes), torch::cat(target_scores), torch::cat(positive),
          torch::cat(object)};
}

}  // namespace lotse::runner::detect
