#pragma once
#include <chrono>
#include <nlohmann/json.hpp>
#include <string>

#include "runner/train/train.h"

namespace lotse::runner::train {

/// How far a phase has come, as progress events at most once a second, the last one always.
class Progress {
 public:
  Progress(const Emit& emit, std::string phase, std::string unit);

  /// `more` follows the text, `metrics` go into the event.
  void at(int64_t done, int64_t total, const std::string& more = "",
          const nlohmann::json& metrics = {});

 private:
  using Clock = std::chrono::steady_clock;
  const Emit& emit_;
  std::string phase_, unit_;
  Clock::time_point start_ = Clock::now(), shown_ = start_;
};

}  // namespace lotse::runner::train
