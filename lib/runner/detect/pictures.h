#pragma once
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "runner/detect/dataset.h"
#include "runner/detect/sample.h"

namespace lotse::runner::detect {

/// The decoded pictures of a data set, their longer side made `side` (bilinear). Kept in memory if
/// all fit in half of what is free, else decoded on each use. Thread-safe.
class Pictures {
 public:
  Pictures(std::vector<Item> items, int side);

  /// Decodes all of them, unless they do not fit: then a picture that cannot be decoded is found on
  /// its first use. Throws Error(invalid) with every one of these. With `skip_bad` all are decoded
  /// in any case, and those that cannot be are left out; no picture left is an Error. `progress` is
  /// called by one of the `threads` at a time.
  task::LeftOut load(const std::function<void(int64_t done, int64_t total)>& progress,
                     bool skip_bad = false, int64_t threads = 1);

  int64_t count() const { return static_cast<int64_t>(items_.size()); }
  int side() const { return side_; }
  const std::vector<Item>& items() const { return items_; }
  /// Width and height of each as decoded; those that are not kept are decoded for it, on `threads`.
  std::vector<std::pair<int, int>> sizes(int64_t threads) const;
  /// The i-th picture and its objects in its pixels. Throws Error(invalid) if it cannot be decoded.
  std::shared_ptr<const Sample> get(int64_t index) const;

 private:
  std::shared_ptr<const Sample> decode(int64_t index) const;

  std::vector<Item> items_;
  int side_;
  std::vector<std::shared_ptr<const Sample>> kept_;
};

}  // namespace lotse::runner::detect
