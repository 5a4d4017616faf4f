#pragma once
#include <cstdint>
#include <vector>

#include "runner/detect/metrics.h"

namespace lotse::runner::detect {

/// What was taken for what. Detections above confidence 0.25 and objects, of whatever class, that
/// overlap by more than 0.45 are pairs, the closest ones first, each in one pair at most.
class Confusion {
 public:
  explicit Confusion(size_t classes);
  void add(const std::vector<Detection>& found, const std::vector<TruthBox>& truth);

  /// (C + 1) x (C + 1): a row for what a thing is, a column for what it was taken for. The last row
  /// counts detections of nothing, the last column objects that nobody found.
  const std::vector<std::vector<int64_t>>& counts() const { return counts_; }

 private:
  std::vector<std::vector<int64_t>> counts_;
};

}  // namespace lotse::runner::detect
