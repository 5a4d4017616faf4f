#pragma once
#include <functional>

#include "runner/data/pictures.h"
#include "runner/dist/group.h"
#include "runner/model/detector.h"
#include "runner/train/metrics.h"

namespace lotse::runner::train {

/// Mean average precision of `detector` (put into eval mode) on all pictures, each rank taking its
/// share; the same answer on every rank. The one-to-one head where there is one, else one-to-many
/// with NMS at IoU 0.7, several classes a box; confidence above 0.001, at most 300 a picture.
Precision validate(model::Detector& detector, const data::Pictures& pictures, int64_t batch,
                   const torch::Device& device, dist::Group& group,
                   const std::function<void(int64_t done, int64_t total)>& progress);

}  // namespace lotse::runner::train
