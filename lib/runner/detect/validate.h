#pragma once
#include <functional>

#include "runner/detect/detector.h"
#include "runner/detect/metrics.h"
#include "runner/detect/pictures.h"
#include "runner/dist/group.h"

namespace lotse::runner::detect {

/// Mean average precision of `detector` (put into eval mode) on all pictures, each rank taking its
/// share; the same answer on every rank. The one-to-one head where there is one, else one-to-many
/// with NMS at IoU 0.7, several classes a box; confidence above 0.001, at most 300 a picture.
Precision validate(Detector& detector, const Pictures& pictures, int64_t batch,
                   const torch::Device& device, dist::Group& group,
                   const std::function<void(int64_t done, int64_t total)>& progress);

}  // namespace lotse::runner::detect
