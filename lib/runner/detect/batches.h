#pragma once
#include "runner/detect/pictures.h"
#include "runner/task/loader.h"

/// A batch of pictures: inputs N x 3 x side x side, bytes, RGB, channels last in memory; targets
/// T x 6, double: index of the picture, class, x1, y1, x2, y2 in pixels.
namespace lotse::runner::detect {

/// Augmented pictures; each depends on nothing but (seed, epoch, index).
task::Batch training_batch(const Pictures& pictures, const std::vector<int64_t>& indices,
                           uint64_t seed, int64_t epoch, const Augmentation& settings,
                           const task::Making& making = {});

/// Letterboxed pictures for validation; small ones are enlarged, as they were in training.
task::Batch validation_batch(const Pictures& pictures, const std::vector<int64_t>& indices,
                             const task::Making& making = {});

}  // namespace lotse::runner::detect
