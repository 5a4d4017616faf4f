#pragma once
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>

#include "contract/event.h"

namespace lotse::runner::task {

using Emit = std::function<void(const contract::Event&)>;

/// How far a phase has come, as progress events: at most one a second, at least one every two
/// seconds from when at() was first called, though a step may take longer; the last one always.
class Progress {
 public:
  /// Seconds from the end of this phase to the end of the run, given what the phase does a second.
  using RunLeft = std::function<double(double per_second)>;

  /// `emit` is called on another thread too. Without `run_left` the run's end is not told.
  Progress(const Emit& emit, std::string phase, std::string unit, RunLeft run_left = {});
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Before the first at(): so many were done by somebody else, and say nothing of how fast it
  /// goes.
  void begin_at(int64_t done) { before_ = done; }
  /// `more` follows the text, `metrics` go into the event.
  void at(int64_t done, int64_t total, const std::string& more = "",
          const nlohmann::json& metrics = {});

 private:
  using Clock = std::chrono::steady_clock;
  void show();
  void keep_showing();

  const Emit& emit_;
  const std::string phase_, unit_;
  const RunLeft run_left_;
  const Clock::time_point start_ = Clock::now();
  std::mutex mutex_;  // of all below
  Clock::time_point shown_ = start_;
  int64_t before_ = 0, done_ = 0, total_ = 0;
  std::string more_;
  nlohmann::json metrics_;
  bool ended_ = false;
  std::condition_variable changed_;
  std::thread keeper_;
};

/// "53 s", "14 min", "7.1 h".
std::string rough_time(double seconds);

}  // namespace lotse::runner::task
