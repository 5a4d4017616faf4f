#include "runner/media/flip.h"

#include <algorithm>

namespace lotse::runner::media {

void mirror(Image& picture) {
  for (int y = 0; y < picture.height; ++y)
    for (int a = 0, b = picture.width - 1; a < b; ++a, --b)
      std::swap_ranges(picture.at(a, y), picture.at(a, y) + 3, picture.at(b, y));
}

void turn_upside_down(Image& picture) {
  const auto row = static_cast<size_t>(picture.width) * 3;
  for (int a = 0, b = picture.height - 1; a < b; ++a, --b)
    std::swap_ranges(picture.at(0, a), picture.at(0, a) + row, picture.at(0, b));
}

}  // namespace lotse::runner::media
