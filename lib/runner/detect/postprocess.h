#pragma once
#include <torch/torch.h>

#include <array>
#include <cstdint>
#include <vector>

namespace lotse::runner::detect {

struct Detection {
  std::array<float, 4> box = {};  ///< x1, y1, x2, y2 in pixels
  int64_t class_id = 0;
  float confidence = 0;
};

/// What counts as a detection.
struct Selection {
  double confidence = 0.25;  ///< strictly above
  double iou = 0.7;          ///< NMS only: overlap above which the weaker box of a class is dropped
  int64_t max_detections = 300;
  std::vector<int64_t> classes;  ///< only these; empty: all
  bool multi_label = false;  ///< NMS only: a box counts for each class above confidence (for mAP)
};

/// The one-to-one head's selection (YOLOv10, arXiv 2405.14458): the k anchors with the highest
/// class score, then the k best of their k x C scores. Torch operators only, so that it can be
/// traced. boxes N x A x 4 (xyxy), logits N x A x C -> N x min(k, A) x 6, fp32: x1 y1 x2 y2 score
/// class, scores falling.
torch::Tensor top_k(const torch::Tensor& boxes, const torch::Tensor& logits, int64_t k = 300);

/// Rows of top_k for one picture (K x 6) that pass the selection, strongest first.
std::vector<Detection> select(const torch::Tensor& rows, const Selection& selection);

/// The one-to-many head's selection: greedy non-maximum suppression within each class, at most
/// 30,000 candidates. boxes A x 4 (xyxy), scores A x C in [0, 1] of one picture; strongest first.
std::vector<Detection> nms(const torch::Tensor& boxes, const torch::Tensor& scores,
                           const Selection& selection);

/// Intersection over union of two xyxy boxes; 0 if they do not overlap or have no area.
float iou(const std::array<float, 4>& a, const std::array<float, 4>& b);

}  // namespace lotse::runner::detect
