#include "runner/media/pixels.h"

#include <cstring>

#include "runner/media/wide.h"

namespace lotse::runner::media {

namespace {

using Sixteen __attribute__((vector_size(16))) = uint8_t;

/// Four pixels at a time; each time four bytes more than they have are written.
LOTSE_WIDE void pack_fours(const uint32_t* pixels, size_t fours, uint8_t* rgb) {
  for (size_t i = 0; i < fours; ++i) {
    Sixteen four;
    std::memcpy(&four, pixels + 4 * i, sizeof four);
    four =
        __builtin_shufflevector(four, four, 0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 3, 7, 11, 15);
    std::memcpy(rgb + 12 * i, &four, sizeof four);
  }
}

}  // namespace

void unpack(const uint8_t* rgb, size_t count, uint32_t* pixels) {
  for (size_t i = 0; i < count; ++i) {
    pixels[i] = 0;
    std::memcpy(pixels + i, rgb + 3 * i, 3);
  }
}

void pack(const uint32_t* pixels, size_t count, uint8_t* rgb) {
  const size_t fours = count < 6 ? 0 : (count - 2) / 4;  // after these two pixels or more
  pack_fours(pixels, fours, rgb);
  for (size_t i = 4 * fours; i < count; ++i) std::memcpy(rgb + 3 * i, pixels + i, 3);
}

}  // namespace lotse::runner::media
