#pragma once
#include <cstdint>
#include <vector>

#include "runner/task/pictures.h"

namespace lotse::runner::infer {

/// Statistics of durations in milliseconds.
struct Timing {
  double fastest = 0;
  double median = 0;
  double p90 = 0;
};

struct Timings {
  Timing wall;
  Timing processor;  ///< of all threads together: tells more where others use the machine too
};

/// The percentile by nearest rank: the smallest value such that at least that part of all values is
/// not above it. `values` must not be empty.
Timing summarize(std::vector<double> milliseconds);

/// Predicts `images` `repeats` times, each from decoded pictures to results, after `warmup` that do
/// not count.
Timings time_predictions(task::PicturePredictor& predictor,
                         const std::vector<const media::Image*>& images, int64_t warmup,
                         int64_t repeats);

}  // namespace lotse::runner::infer
