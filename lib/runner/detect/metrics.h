#pragma once
#include <torch/torch.h>

#include <array>
#include <cstdint>
#include <vector>

#include "runner/detect/postprocess.h"

namespace lotse::runner::detect {

/// IoU thresholds 0.50, 0.55, ..., 0.95.
inline constexpr size_t thresholds = 10;

/// Whose mean average precision it is. The area is always under the envelope of the precision.
enum class Counting {
  field,  ///< Ultralytics': a detection claims the object of its class that it overlaps most, and
          ///< an object goes to the most confident of those; the area is read at 101 recalls,
          ///< straight between points, by trapezoids
  coco,  ///< pycocotools': a detection takes the one it overlaps most of those still free; the area
         ///< is the mean of the precisions at 101 recalls, each that of the next point
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

/// One row per detection of a picture: confidence, class, and for each threshold 1 if it is right:
/// an object is its own, and their IoU reaches the threshold. It is -1, neither right nor wrong,
/// where it has no object and the part of it that lies in a crowd of its class reaches the
/// threshold: pycocotools' rule, which the field does not have.
torch::Tensor match(const std::vector<Detection>& detections, const std::vector<TruthBox>& truth,
                    Counting counting = Counting::field, const std::vector<TruthBox>& crowds = {});

/// From all rows of match() (D x 12, double) and the number of objects of each class.
Precision average_precision(const torch::Tensor& rows, const std::vector<int64_t>& objects,
                            Counting counting = Counting::field);

}  // namespace lotse::runner::detect
