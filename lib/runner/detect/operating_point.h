#pragma once
#include <torch/torch.h>

#include <cstdint>
#include <vector>

namespace lotse::runner::detect {

/// Precision and recall at IoU 0.50 where a model would be used.
struct OperatingPoint {
  double confidence = 0;  ///< where the mean F1 of the classes that have objects is highest
  double precision = 0, recall = 0;                   ///< their means
  std::vector<double> class_precision, class_recall;  ///< by class; -1 for classes without objects
};

/// From all rows of match() (D x 12, double) and the number of objects of each class. Curves are
/// read at 1,000 confidences from 0 to 1, and the mean F1 is smoothed over a tenth of them, as
/// Ultralytics does before it looks for the highest.
OperatingPoint operating_point(const torch::Tensor& rows, const std::vector<int64_t>& objects);

}  // namespace lotse::runner::detect
