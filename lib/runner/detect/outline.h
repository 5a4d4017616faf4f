#pragma once
#include <utility>
#include <vector>

#include "runner/detect/boxes.h"

/// Polygons on pictures; pixel i spans i to i + 1.
namespace lotse::runner::detect {

/// The part of it within 0 to `width`, 0 to `height` (Sutherland and Hodgman 1974); empty if there
/// is none.
Outline clip(const Outline& outline, double width, double height);

/// The smallest box around it, which must not be empty.
Box bounds(const Outline& outline, int64_t class_id);

Outline moved(const Outline& outline, double right, double down);

/// One polygon of several: each further one hangs where it is closest on those before it, by a seam
/// without width. Empty where there are none.
Outline joined(const std::vector<Outline>& parts);

/// Left to right becomes right to left in a picture of that width.
Outline mirrored(const Outline& outline, double width);

/// From which pixel to which (not included) row `y` lies inside it, its centre counting: even-odd
/// rule, sorted, within 0 to `width`.
std::vector<std::pair<int, int>> inside(const Outline& outline, int y, int width);

}  // namespace lotse::runner::detect
