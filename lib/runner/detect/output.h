#pragma once
#include <string>
#include <vector>

#include "runner/detect/detector.h"
#include "runner/detect/postprocess.h"

/// From a head to detections, in the one form that training, prediction and exported files share.
namespace lotse::runner::detect {

/// "o2o" or "o2m". Not of both.
const char* to_text(Heads head);

/// The head that answers where `wanted` is auto, o2o or o2m. Throws Error(invalid) for one that the
/// detector does not have.
Heads choose_head(const std::string& wanted, const Detector& detector);

/// What the head says of images (as for Detector::forward), fp32: one_to_one N x K x 6 (top_k);
/// one_to_many N x (4 + C) x A: centre x, y, width, height in pixels, then scores 0 to 1. Torch
/// operators only: can be traced.
torch::Tensor output_of(Detector& detector, const torch::Tensor& images, Heads head);

/// Throws OutputError unless `output` has that form, for so many classes: scores of 0 to 1, classes
/// with a name, finite boxes. What a file gives is as little to be believed as the file.
void check_output(const torch::Tensor& output, Heads head, int64_t classes);

/// The detections of each image, in pixels of its canvas, out of an output on the CPU.
std::vector<std::vector<Detection>> detections_in(const torch::Tensor& output, Heads head,
                                                  const Selection& selection);

}  // namespace lotse::runner::detect
