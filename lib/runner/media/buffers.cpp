#include "runner/media/buffers.h"

namespace lotse::runner::media {

namespace {

constexpr size_t most_kept = 4;  // as many batches as are made at a time, and the one in use

}  // namespace

std::shared_ptr<uint8_t[]> Buffers::get(size_t bytes) {
  std::unique_ptr<uint8_t[]> buffer;
  {
    const std::scoped_lock lock(kept_->mutex);
    if (kept_->bytes != bytes) kept_->buffers.clear();
    kept_->bytes = bytes;
    if (!kept_->buffers.empty()) {
      buffer = std::move(kept_->buffers.back());
      kept_->buffers.pop_back();
    }
  }
  if (!buffer) buffer.reset(new uint8_t[bytes]);
  return {buffer.release(), [bytes, kept = kept_](uint8_t* back) {
            std::unique_ptr<uint8_t[]> owner(back);
            const std::scoped_lock lock(kept->mutex);
            if (kept->bytes == bytes && kept->buffers.size() < most_kept)
              kept->buffers.push_back(std::move(owner));
          }};
}

}  // namespace lotse::runner::media
