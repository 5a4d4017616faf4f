#include "runner/train/progress.h"

#include <algorithm>

#include "base/strings.h"

namespace lotse::runner::train {

using base::cat;
using base::fixed;

Progress::Progress(const Emit& emit, std::string phase, std::string unit)
    : emit_(emit), phase_(std::move(phase)), unit_(std::move(unit)) {}

void Progress::at(int64_t done, int64_t total, const std::string& more,
                  const nlohmann::json& metrics) {
  const auto since = [now = Clock::now()](Clock::time_point then) {
    return std::chrono::duration<double>(now - then).count();
  };
  if (done != total && since(shown_) < 1) return;
  const double rate = static_cast<double>(done) / std::max(since(start_), 1e-9);
  const double left = static_cast<double>(total - done) / std::max(rate, 1e-9);
  shown_ = Clock::now();
  nlohmann::json fields = {{"phase", phase_}, {"done", done},       {"total", total},
                           {"unit", unit_},   {"per_second", rate}, {"eta_seconds", left}};
  if (!metrics.is_null()) fields["metrics"] = metrics;
  emit_({"progress",
         cat(phase_, " ", done, "/", total, "  ", fixed(rate, 1), " ", unit_, "/s  ",
             fixed(left, 0), " s left", more),
         fields});
}

}  // namespace lotse::runner::train
