#pragma once
#include <cstdint>

#include "runner/task/learner.h"

namespace lotse::runner::train {

/// The most that two sizes of a batch took of a GPU's memory, in bytes.
struct Measured {
  int64_t few = 0, many = 0;  ///< examples
  double bytes_few = 0, bytes_many = 0;
};

/// The largest batch that stays within `bytes` if memory grows with the batch as it was measured: a
/// multiple of 8 where it is at least 8; at least 1 and at most `most`. Throws Error(failed) where
/// one example is too much.
int64_t largest_batch(const Measured& measured, double bytes, int64_t most);

/// What fits into six tenths of the memory of the learner's GPU, tried with forward and backward
/// passes over real batches; the learner stays as it was. Batches grow in use, hence the rest.
int64_t fitting_batch(task::Learner& learner, const torch::Device& device);

}  // namespace lotse::runner::train
