#include "runner/detect/mosaic.h"

#include <algorithm>
#include <cstring>

#include "runner/detect/outline.h"

namespace lotse::runner::detect {

namespace {

/// Where a picture's upper left corner goes.
struct Corner {
  int left = 0, top = 0;
};

/// Copies the part of `from` that lies on `to` when its corner is put there.
void paste(const media::Image& from, media::Image& to, Corner at) {
  const auto [left, top] = at;
  const int x1 = std::max(left, 0), x2 = std::min(left + from.width, to.width);
  if (x1 >= x2) return;
  for (int y = std::max(top, 0); y < std::min(top + from.height, to.height); ++y)
    std::memcpy(to.at(x1, y), from.at(x1 - left, y - top), static_cast<size_t>(x2 - x1) * 3);
}

/// The pictures at their corners on a square canvas, the later over the earlier.
Sample joined(const std::vector<const Sample*>& samples, const std::vector<Corner>& corners,
              int side) {
  Sample result{media::blank(side, side, grey), {}};
  for (size_t i = 0; i < samples.size(); ++i) {
    const auto& sample = *samples[i];
    const auto [left, top] = corners[i];
    paste(sample.image, result.image, corners[i]);
    for (size_t j = 0; j < sample.boxes.size(); ++j) {
      auto box = sample.boxes[j];
      box.x1 += left, box.x2 += left, box.y1 += top, box.y2 += top;
      box = cut(box, side, side);
      if (box.width() <= 0 || box.height() <= 0) continue;
      add_object(result, box, clip(moved(outline_of(sample, j), left, top), side, side));
    }
  }
  return result;
}

}  // namespace

Sample mosaic(const std::vector<const Sample*>& four, int side, int x, int y) {
  std::vector<Corner> corners;
  for (size_t i = 0; i < 4; ++i)
    corners.push_back(
        {i % 2 == 0 ? x - four[i]->image.width : x, i < 2 ? y - four[i]->image.height : y});
  return joined(four, corners, 2 * side);
}

Sample mosaic_of_nine(const std::vector<const Sample*>& nine, int side) {
  const auto width = [&](size_t i) { return nine[i]->image.width; };
  const auto height = [&](size_t i) { return nine[i]->image.height; };
  const int s = side, right = s + width(0), bottom = s + height(0);
  std::vector<Corner> corners = {
      {s, s},
      {s, s - height(1)},
      {s + width(1), s - height(2)},
      {right, s},
      {right, s + height(3)},
      {right - width(5), bottom},
      {right - width(5) - width(6), bottom},
      {s - width(7), bottom - height(7)},
      {s - width(8), bottom - height(7) - height(8)},
  };
  for (auto& [left, top] : corners) left -= s / 2, top -= s / 2;
  return joined(nine, corners, 2 * side);
}

}  // namespace lotse::runner::detect
