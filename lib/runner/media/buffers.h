#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace lotse::runner::media {

/// Memory that is used again. Fresh memory is pages that the kernel finds and clears at their first
/// use, which takes as long as to draw a picture on them. Thread-safe.
class Buffers {
 public:
  /// `bytes` of anything. It comes back by itself; a few of the size that was asked for last are
  /// kept.
  std::shared_ptr<uint8_t[]> get(size_t bytes);

 private:
  struct Kept {
    std::mutex mutex;
    size_t bytes = 0;
    std::vector<std::unique_ptr<uint8_t[]>> buffers;
  };
  std::shared_ptr<Kept> kept_ = std::make_shared<Kept>();
};

}  // namespace lotse::runner::media
