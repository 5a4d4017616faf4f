#pragma once
#include <functional>

#include "runner/detect/canvases.h"
#include "runner/detect/detector.h"
#include "runner/detect/metrics.h"
#include "runner/detect/pictures.h"
#include "runner/dist/group.h"

namespace lotse::runner::detect {

/// The detections of each picture of `images` (as Laid::images), in pixels of the canvas.
using Predict = std::function<std::vector<std::vector<Detection>>(const torch::Tensor& images)>;

/// A picture that was looked at. Boxes are in pixels of it; what was found may reach beyond it.
struct Seen {
  std::vector<Detection> found;
  std::vector<TruthBox> truth, crowds;
  int width = 0, height = 0;
};

/// Has `predict` look at all these pictures, which are laid out ahead of it, and `judge` what it
/// found on each. `progress` counts pictures and may be empty.
void look_at(const Pictures& pictures, const std::vector<Canvases>& canvases,
             const task::Making& making, const Predict& predict,
             const std::function<void(const Seen&)>& judge,
             const std::function<void(int64_t done, int64_t total)>& progress);

/// Mean average precision of `detector` (put into eval mode) on all pictures, each rank taking its
/// share; the same answer on every rank. The one-to-one head where there is one, else one-to-many
/// with NMS at IoU 0.7, several classes a box; confidence above 0.001, at most 300 a picture. On
/// squares without a margin, which for square pictures is a third less work than the field's
/// margin.
Precision validate(Detector& detector, const Pictures& pictures, int64_t batch,
                   const torch::Device& device, dist::Group& group,
                   const std::function<void(int64_t done, int64_t total)>& progress);

}  // namespace lotse::runner::detect
