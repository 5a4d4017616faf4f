#include "runner/detect/mosaic.h"

namespace lotse::runner::detect {

Collage mosaic(const std::vector<const Sample*>& four, int side, int x, int y) {
  Collage result(2 * side, 2 * side);
  for (size_t i = 0; i < 4; ++i)
    result.pieces.push_back({four[i], i % 2 == 0 ? x - four[i]->image.width : x,
                             i < 2 ? y - four[i]->image.height : y});
  return result;
}

Collage mosaic_of_nine(const std::vector<const Sample*>& nine, int side) {
  const auto width = [&](size_t i) { return nine[i]->image.width; };
  const auto height = [&](size_t i) { return nine[i]->image.height; };
  const int s = side, right = s + width(0), bottom = s + height(0);
  Collage result(2 * side, 2 * side);
  result.pieces = {
      {nine[0], s, s},
      {nine[1], s, s - height(1)},
      {nine[2], s + width(1), s - height(2)},
      {nine[3], right, s},
      {nine[4], right, s + height(3)},
      {nine[5], right - width(5), bottom},
      {nine[6], right - width(5) - width(6), bottom},
      {nine[7], s - width(7), bottom - height(7)},
      {nine[8], s - width(8), bottom - height(7) - height(8)},
  };
  for (auto& piece : result.pieces) piece.left -= s / 2, piece.top -= s / 2;
  return result;
}

}  // namespace lotse::runner::detect
