#include "runner/detect/collage.h"

#include <algorithm>
#include <cstring>

#include "runner/detect/outline.h"

namespace lotse::runner::detect {

void copy_row(const Collage& collage, int y, int begin, int end, uint8_t* into) {
  std::memset(into, grey, static_cast<size_t>(end - begin) * 3);
  if (y < 0 || y >= collage.height) return;
  for (const auto& [sample, left, top] : collage.pieces) {
    const auto& picture = sample->image;
    const int first = std::max({left, begin, 0}),
              last = std::min({left + picture.width, end, collage.width});
    if (y < top || y >= top + picture.height || first >= last) continue;
    std::memcpy(into + static_cast<size_t>(first - begin) * 3, picture.at(first - left, y - top),
                static_cast<size_t>(last - first) * 3);
  }
}

Labels objects_on(const Collage& collage) {
  Labels result;
  for (const auto& [sample, left, top] : collage.pieces) {
    for (size_t i = 0; i < sample->boxes.size(); ++i) {
      auto box = sample->boxes[i];
      box.x1 += left, box.x2 += left, box.y1 += top, box.y2 += top;
      box = cut(box, collage.width, collage.height);
      if (box.width() <= 0 || box.height() <= 0) continue;
      const auto& outline = outline_of(*sample, i);
      add_object(result, box,
                 outline.empty() ? outline
                                 : clip(moved(outline, left, top), collage.width, collage.height));
    }
  }
  return result;
}

Sample put_together(const Collage& collage) {
  auto [boxes, outlines] = objects_on(collage);
  Sample result{media::blank(collage.width, collage.height, grey), std::move(boxes),
                std::move(outlines)};
  for (int y = 0; y < collage.height; ++y)
    copy_row(collage, y, 0, collage.width, result.image.at(0, y));
  return result;
}

}  // namespace lotse::runner::detect
