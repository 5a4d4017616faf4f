#include "runner/detect/postprocess.h"

#include <algorithm>

namespace lotse::runner::detect {

using torch::Tensor;

namespace {

bool wanted(const Selection& selection, int64_t class_id) {
  const auto& classes = selection.classes;
  return classes.empty() || std::find(classes.begin(), classes.end(), class_id) != classes.end();
}

bool stronger(const Detection& a, const Detection& b) {
  return a.confidence > b.confidence;
}

std::array<float, 4> box_at(const float* row) {
  return {row[0], row[1], row[2], row[3]};
}

/// Every box above the confidence, with its best class or with each of them.
std::vector<Detection> candidates(const Tensor& boxes, const Tensor& scores,
                                  const Selection& selection) {
  const auto likely =
      torch::nonzero(scores.amax(1) > selection.confidence).flatten();  // indices of anchors
  const auto near_boxes = boxes.index_select(0, likely).to(torch::kFloat).cpu().contiguous();
  const auto near_scores = scores.index_select(0, likely).to(torch::kFloat).cpu().contiguous();
  const int64_t classes = scores.size(1);
  std::vector<Detection> found;
  for (int64_t i = 0; i < near_boxes.size(0); ++i) {
    const float* score = near_scores.data_ptr<float>() + i * classes;
    const auto box = box_at(near_boxes.data_ptr<float>() + i * 4);
    const int64_t best = std::max_element(score, score + classes) - score;
    const int64_t first = selection.multi_label ? 0 : best;
    const int64_t last = selection.multi_label ? classes : best + 1;
    for (int64_t c = first; c < last; ++c) {
      if (score[c] > selection.confidence && wanted(selection, c))
        found.push_back({box, c, score[c]});
    }
  }
  return found;
}

}  // namespace

float iou(const std::array<float, 4>& a, const std::array<float, 4>& b) {
  const float width = std::min(a[2], b[2]) - std::max(a[0], b[0]);
  const float height = std::min(a[3], b[3]) - std::max(a[1], b[1]);
  if (!(width > 0) || !(height > 0)) return 0;
  const float common = width * height;
  const float all = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - common;
  return all > 0 ? common / all : 0;
}

Tensor top_k(const Tensor& boxes, const Tensor& logits, int64_t k) {
  const int64_t kept = std::min(k, logits.size(1));
  const int64_t classes = logits.size(2);
  const auto numbers = logits.to(torch::kFloat);  // libtorch's maximum is slow in bfloat16
  const auto anchor = std::get<1>(numbers.amax(2).topk(kept, 1)).unsqueeze(-1);  // N x k x 1
  const auto near_scores = numbers.gather(1, anchor.expand({-1, -1, classes})).sigmoid().flatten(1);
  const auto [score, flat] = near_scores.topk(kept, 1);  // N x k, over k x C
  const auto row = flat.div(classes, "floor").unsqueeze(-1);
  const auto place = anchor.gather(1, row).expand({-1, -1, 4});
  const auto class_id = flat.remainder(classes).unsqueeze(-1).to(torch::kFloat);
  return torch::cat({boxes.gather(1, place), score.unsqueeze(-1), class_id}, 2);
}

std::vector<Detection> select(const Tensor& rows, const Selection& selection) {
  const auto values = rows.to(torch::kFloat).cpu().contiguous();
  std::vector<Detection> found;
  for (int64_t i = 0; i < values.size(0); ++i) {
    const float* row = values.data_ptr<float>() + i * 6;
    if (static_cast<int64_t>(found.size()) >= selection.max_detections) break;
    const auto class_id = static_cast<int64_t>(row[5]);
    if (row[4] > selection.confidence && wanted(selection, class_id))
      found.push_back({box_at(row), class_id, row[4]});
  }
  return found;
}

std::vector<Detection> nms(const Tensor& boxes, const Tensor& scores, const Selection& selection) {
  constexpr std::size_t most_candidates = 30'000;
  auto left = candidates(boxes, scores, selection);
  std::stable_sort(left.begin(), left.end(), stronger);
  if (left.size() > most_candidates) left.resize(most_candidates);
  std::vector<Detection> kept;
  for (const auto& next : left) {
    if (static_cast<int64_t>(kept.size()) >= selection.max_detections) break;
    const bool covered = std::any_of(kept.begin(), kept.end(), [&](const Detection& k) {
      return k.class_id == next.class_id && iou(k.box, next.box) > selection.iou;
    });
    if (!covered) kept.push_back(next);
  }
  return kept;
}

}  // namespace lotse::runner::detect
