#pragma once
#include <cstdint>
#include <vector>

#include "runner/infer/predictor.h"

namespace lotse::runner::infer {

/// Of durations in milliseconds.
struct Timing {
  double fastest = 0;
  double median = 0;
  double p90 = 0;
};

struct Timings {
  Timing wall;
  Timing processor;  ///< of all threads together: tells more where others use the machine too
};

/// Nearest rank: the smallest value that at least that part of all are not above. At least one.
Timing summarize(std::vector<double> milliseconds);

/// Predicts `images` `repeats` times, each from decoded pictures to boxes, after `warmup` that do
/// not count.
Timings time_predictions(Predictor& predictor, const std::vector<const image::Image*>& images,
                         int64_t warmup, int64_t repeats);

}  // namespace lotse::runner::infer
