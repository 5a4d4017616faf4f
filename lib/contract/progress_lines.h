#pragma once
#include <chrono>

#include "contract/event.h"

namespace lotse::contract {

/// Which progress is printed where no bar can be drawn: the end of a phase, and a sign of life
/// after 8 s without any line. The runner gives an event at least every 2 s while it trains, so a
/// reader never waits longer than 10 s.
class ProgressLines {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// Whether the progress event `progress`, which comes at `now`, is to be printed.
  bool due(const Event& progress, Time now = std::chrono::steady_clock::now()) const;
  /// A line, of progress or anything else, was printed.
  void printed(Time now = std::chrono::steady_clock::now()) { last_ = now; }

 private:
  Time last_ = std::chrono::steady_clock::now();
};

}  // namespace lotse::contract
