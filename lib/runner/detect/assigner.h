#pragma once
#include <torch/torch.h>

#include <cstdint>

namespace lotse::runner::detect {

/// How many anchors an object gets.
struct Assignment {
  int64_t top_k = 10;      ///< candidates an object
  int64_t keep = 10;       ///< of these, after an anchor has chosen among several objects
  double alpha = 0.5;      ///< exponent of the class score
  double beta = 6.0;       ///< exponent of the overlap
  double least_side = 16;  ///< px; smaller objects count as this large when anchors are looked for
};

/// Objects of a batch, padded to the same number M in each picture.
struct Objects {
  torch::Tensor boxes;    ///< N x M x 4, xyxy pixels
  torch::Tensor classes;  ///< N x M, int64
  torch::Tensor valid;    ///< N x M, bool
};

/// rows T x 6 (picture, class, xyxy) -> Objects for `pictures` pictures.
Objects pad_objects(const torch::Tensor& rows, int64_t pictures);

/// What each anchor is to say, A = anchors.
struct Assigned {
  torch::Tensor boxes;     ///< N x A x 4; of any object where not positive
  torch::Tensor scores;    ///< N x A x C: soft targets, 0 where not positive
  torch::Tensor positive;  ///< N x A, bool
  torch::Tensor object;    ///< N x A, int64: which of the M objects
};

/// Task-aligned assignment (TOOD, arXiv 2108.07755): metric = score^alpha * CIoU^beta over anchors
/// whose centre lies inside the object; the top_k of those above 0 go to it; an anchor wanted by
/// several objects goes to the one it overlaps most; if keep < top_k, each object then keeps its
/// `keep` best. Targets are scaled so that an object's best anchor has its best overlap (facts of
/// YOLO26: small objects are enlarged to `least_side` for the centre test, "STAL"). Only pairs of
/// an object and an anchor inside it are worked out, so that time and memory grow with those and
/// not with M * A. scores N x A x C in [0, 1], boxes N x A x 4, centres A x 2, all in pixels. No
/// gradients.
Assigned assign(const torch::Tensor& scores, const torch::Tensor& boxes,
                const torch::Tensor& centres, const Objects& objects, const Assignment& settings);

/// Complete IoU (arXiv 1911.08287) of xyxy boxes, broadcast; at most 1. The aspect term's weight is
/// taken without gradient.
torch::Tensor complete_iou(const torch::Tensor& a, const torch::Tensor& b);

}  // namespace lotse::runner::detect
