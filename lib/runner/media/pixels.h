#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

/// Pixels of four bytes each, red the lowest, the highest of no meaning: in these a loop works on
/// as many pixels at once as a register holds.
namespace lotse::runner::media {

using Pixels = std::vector<uint32_t>;

/// From three bytes each.
void unpack(const uint8_t* rgb, size_t count, uint32_t* pixels);

/// To three bytes each.
void pack(const uint32_t* pixels, size_t count, uint8_t* rgb);

}  // namespace lotse::runner::media
