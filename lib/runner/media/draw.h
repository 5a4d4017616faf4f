#pragma once
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "runner/media/codec.h"

namespace lotse::runner::media {

using Colour = std::array<uint8_t, 3>;

/// A colour for a class, well apart from its neighbours' (golden angle of hues).
Colour class_colour(int64_t class_id);

/// A frame around xyxy pixels with the label above it (inside where there is no room), its line and
/// letters sized by the picture. Whatever lies outside the picture is cut off. Letters are drawn as
/// capitals; what is not ASCII becomes a block.
void draw_box(Image& image, const std::array<float, 4>& box, std::string_view label,
              const Colour& colour);

/// Lines of the same letters one below the other, from the upper left corner on, each on a ground
/// of that colour.
void draw_lines(Image& image, const std::vector<std::string>& lines, const Colour& colour);

}  // namespace lotse::runner::media
