#pragma once
#include <chrono>
#include <string>

namespace lotse::base {

/// The port for time: code that waits or measures takes a Clock, so that a test can move time on.
class Clock {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Duration = std::chrono::steady_clock::duration;
  virtual ~Clock() = default;
  virtual Time now() = 0;
  /// Sleeps for `duration`, or less if the user interrupts (see interrupt.h).
  virtual void sleep(Duration duration) = 0;
};

/// The machine's own clock.
Clock& system_clock();

/// Now in UTC as RFC 3339 with seconds, e.g. "2026-11-24T04:13:37Z".
std::string timestamp_now();

}  // namespace lotse::base
