#pragma once
#include <torch/torch.h>

#include <array>
#include <cstdint>
#include <vector>

#include "runner/detect/postprocess.h"

namespace lotse::runner::detect {

/// IoU thresholds 0.50, 0.55, ..., 0.95.
inline constexpr size_t thresholds = 10;

/// How the area under a curve of precision over recall is taken, always under its envelope.
enum class Area {
  field,  ///< read at 101 recalls, straight between points, by trapezoids: as Ultralytics
  coco,  ///< the mean of the precisions at 101 recalls, each that of the next point: as pycocotools
};

/// Mean average precision over the classes that have objects.
struct Precision {
  double map50 = 0;                ///< at IoU 0.50
  double map75 = 0;                ///< at IoU 0.75
  double map50_95 = 0;             ///< mean over the ten thresholds
  std::vector<double> class_ap50;  ///< by class; -1 for classes without objects
  std::vector<double> class_ap50_95;
  int64_t objects = 0, detections = 0;
};

struct TruthBox {
  std::array<float, 4> box = {};  ///< xyxy
  int64_t class_id = 0;
};

/// One row per detection of a picture: confidence, class, and for each threshold 1 if it is right.
/// At each threshold, from the most confident on, a detection takes the object of its class that
/// overlaps it most among those still free; IoU must reach the threshold (as COCO's evaluation).
torch::Tensor match(const std::vector<Detection>& detections, const std::vector<TruthBox>& truth);

/// From all rows of match() (D x 12, double) and the number of objects of each class.
Precision average_precision(const torch::Tensor& rows, const std::vector<int64_t>& objects,
                            Area area = Area::field);

}  // namespace lotse::runner::detect
