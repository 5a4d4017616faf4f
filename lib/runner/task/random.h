#pragma once
#include <cstdint>
#include <initializer_list>
#include <utility>
#include <vector>

namespace lotse::runner::task {

/// First parts of a stream's key: what is drawn for one purpose tells nothing of another.
inline constexpr uint64_t order_stream = 1, augment_stream = 2, size_stream = 3;

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers on every machine, which the standard
/// library's distributions do not promise. A stream is named by its key, e.g. {seed, epoch, index}.
class Random {
 public:
  explicit Random(std::initializer_list<uint64_t> key) {
    for (const uint64_t part : key) state_ = mix(state_ + part + step);
  }

  uint64_t next() { return mix(state_ += step); }
  /// A number in [0, 1) with 53 random bits.
  double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  /// A whole number in [0, count); count must be above 0.
  int64_t below(int64_t count) {
    return static_cast<int64_t>(uniform() * static_cast<double>(count));
  }
  bool chance(double probability) { return uniform() < probability; }

  /// 0 to count - 1 in random order (Fisher-Yates).
  std::vector<int64_t> permutation(int64_t count) {
    std::vector<int64_t> order(static_cast<size_t>(count));
    for (size_t i = 0; i < order.size(); ++i) order[i] = static_cast<int64_t>(i);
    for (int64_t i = count - 1; i > 0; --i)
      std::swap(order[static_cast<size_t>(i)], order[static_cast<size_t>(below(i + 1))]);
    return order;
  }

 private:
  static constexpr uint64_t step = 0x9E3779B97F4A7C15;
  static uint64_t mix(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
  }
  uint64_t state_ = 0;
};

}  // namespace lotse::runner::task
