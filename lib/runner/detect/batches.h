#pragma once
#include "runner/detect/augment.h"
#include "runner/detect/pictures.h"
#include "runner/task/batch.h"
#include "runner/task/loader.h"

namespace lotse::runner::detect {

/// Pictures of a mosaic are drawn from so many that precede in the epoch's order.
inline constexpr int64_t neighbours = 256;
/// How many must stay decoded for that, with those that several batches at a time begin with.
inline constexpr int64_t recent_pictures = neighbours + 128;

/// Augmented pictures; each depends on nothing but (seed, epoch, index), and is then resized to
/// `side` (0: stays as it is). inputs N x 3 x side x side, bytes, RGB, channels last in memory;
/// targets T x 6, double: index of the picture, class, x1, y1, x2, y2 in pixels.
task::Batch training_batch(const Pictures& pictures, const std::vector<int64_t>& indices,
                           uint64_t seed, int64_t epoch, const Augmentation& settings,
                           const task::Making& making = {}, int side = 0);

/// The side of a batch's pictures where it is drawn: a whole number of strides (32) within `side` *
/// (1 - part) and `side` * (1 + part), all equally often. The same for every rank.
int drawn_side(int side, double part, uint64_t seed, int64_t epoch, int64_t batch);

}  // namespace lotse::runner::detect
