#pragma once
#include "runner/detect/pictures.h"
#include "runner/task/batch.h"
#include "runner/task/loader.h"

namespace lotse::runner::detect {

/// Augmented pictures; each depends on nothing but (seed, epoch, index). inputs N x 3 x side x
/// side, bytes, RGB, channels last in memory; targets T x 6, double: index of the picture, class,
/// x1, y1, x2, y2 in pixels.
task::Batch training_batch(const Pictures& pictures, const std::vector<int64_t>& indices,
                           uint64_t seed, int64_t epoch, const Augmentation& settings,
                           const task::Making& making = {});

}  // namespace lotse::runner::detect
