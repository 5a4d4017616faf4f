#include "runner/task/progress.h"

#include <algorithm>

#include "base/strings.h"

namespace lotse::runner::task {

using base::cat;
using base::fixed;

std::string rough_time(double seconds) {
  if (seconds < 99.5) return fixed(seconds, 0) + " s";
  if (seconds < 99.5 * 60) return fixed(seconds / 60, 0) + " min";
  return fixed(seconds / 3600, 1) + " h";
}

Progress::Progress(const Emit& emit, std::string phase, std::string unit, RunLeft run_left)
    : emit_(emit),
      phase_(std::move(phase)),
      unit_(std::move(unit)),
      run_left_(std::move(run_left)) {}

Progress::~Progress() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  changed_.notify_all();
  if (keeper_.joinable()) keeper_.join();
}

void Progress::at(int64_t done, int64_t total, const std::string& more,
                  const nlohmann::json& metrics) {
  const std::lock_guard lock(mutex_);
  done_ = done;
  total_ = total;
  more_ = more;
  metrics_ = metrics;
  if (done == total || Clock::now() - shown_ >= std::chrono::seconds(1)) show();
  if (!keeper_.joinable()) keeper_ = std::thread([this] { keep_showing(); });
}

void Progress::show() {
  shown_ = Clock::now();
  const double spent = std::chrono::duration<double>(shown_ - start_).count();
  const double rate = static_cast<double>(done_ - before_) / std::max(spent, 1e-9);
  nlohmann::json fields = {{"phase", phase_}, {"done", done_}, {"total", total_}, {"unit", unit_}};
  auto text = cat(phase_, " ", done_, "/", total_, "  ");
  if (done_ == before_ && done_ < total_) {
    text += cat("the first ", unit_, " have taken ", rough_time(spent), " so far");
  } else {
    const double left = done_ < total_ ? static_cast<double>(total_ - done_) / rate : 0;
    const double run_left = left + (run_left_ ? run_left_(rate) : 0);
    fields["per_second"] = rate;
    fields["eta_seconds"] = left;
    if (run_left_) fields["run_eta_seconds"] = run_left;
    text += cat(fixed(rate, 1), " ", unit_, "/s  ", rough_time(run_left), " left", more_);
  }
  if (!metrics_.is_null()) fields["metrics"] = metrics_;
  emit_({"progress", text, fields});
}

void Progress::keep_showing() {
  constexpr auto often = std::chrono::seconds(1);
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, often, [this] { return ended_; })) {
    if (done_ == total_ || Clock::now() - shown_ < often) continue;
    try {
      show();
    } catch (const std::exception&) {
      return;  // Whoever calls at() meets it too, where it can be handled.
    }
  }
}

}  // namespace lotse::runner::task
