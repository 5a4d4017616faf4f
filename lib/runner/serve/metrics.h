#pragma once
#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

namespace lotse::runner::serve {

/// What the server counts, in Prometheus' text format 0.0.4. Thread-safe.
class Metrics {
 public:
  Metrics();
  void started();
  void finished(int status, double seconds);
  /// A request that ended because the model gave what cannot be detections.
  void wrong_output();
  /// `info`: label -> value of lotse_model_info.
  std::string text(const std::map<std::string, std::string>& info, bool ready) const;

 private:
  static constexpr std::array<double, 12> bounds = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
                                                    0.5,   1,    2.5,   5,    10,  30};
  mutable std::mutex mutex_;
  std::map<int, uint64_t> by_status_;
  std::array<uint64_t, bounds.size() + 1> buckets_ = {};
  double seconds_ = 0;
  uint64_t wrong_outputs_ = 0;
  int64_t in_flight_ = 0;
  std::chrono::steady_clock::time_point since_;
};

}  // namespace lotse::runner::serve
