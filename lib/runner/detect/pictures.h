#pragma once
#include <utility>
#include <vector>

#include "runner/detect/dataset.h"
#include "runner/detect/sample.h"
#include "runner/media/buffers.h"
#include "runner/task/kept.h"

namespace lotse::runner::detect {

/// The decoded pictures of a data set, their longer side made `side` (bilinear), with their objects
/// in their pixels.
class Pictures : public task::Kept<Item, Sample> {
 public:
  Pictures(std::vector<Item> items, int side, const task::Keeping& keeping = {});

  int side() const { return side_; }
  /// Width and height of each as decoded; those that are not kept are decoded for it, on `threads`.
  std::vector<std::pair<int, int>> sizes(int64_t threads) const;
  /// For the canvases on which they are drawn.
  media::Buffers& buffers() const { return buffers_; }

 private:
  int side_;
  mutable media::Buffers buffers_;
};

}  // namespace lotse::runner::detect
