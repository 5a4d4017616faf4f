#include "runner/infer/timing.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>

#include "base/interrupt.h"

namespace lotse::runner::infer {

namespace {

double processor_milliseconds() {
  timespec used = {};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return 1e3 * static_cast<double>(used.tv_sec) + 1e-6 * static_cast<double>(used.tv_nsec);
}

}  // namespace

Timing summarize(std::vector<double> milliseconds) {
  std::sort(milliseconds.begin(), milliseconds.end());
  const auto ranked = [&](double part) {
    const auto rank = std::ceil(part * static_cast<double>(milliseconds.size()));
    return milliseconds[static_cast<size_t>(std::max(rank, 1.0)) - 1];
  };
  return {milliseconds.front(), ranked(0.5), ranked(0.9)};
}

Timings time_predictions(task::PicturePredictor& predictor,
                         const std::vector<const media::Image*>& images, int64_t warmup,
                         int64_t repeats) {
  using Clock = std::chrono::steady_clock;
  std::vector<double> wall;
  std::vector<double> processor;
  for (int64_t i = -warmup; i < repeats; ++i) {
    base::throw_if_interrupted();
    const auto start = Clock::now();
    const double used = processor_milliseconds();
    predictor.predict(images);
    if (i < 0) continue;
    processor.push_back(processor_milliseconds() - used);
    wall.push_back(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
  }
  return {summarize(std::move(wall)), summarize(std::move(processor))};
}

}  // namespace lotse::runner::infer
