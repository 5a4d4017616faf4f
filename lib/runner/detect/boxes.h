#pragma once
#include <cstdint>

namespace lotse::runner::detect {

/// An object of known class in a picture.
struct Box {
  int64_t class_id = 0;
  double x1 = 0, y1 = 0, x2 = 0, y2 = 0;  ///< pixels, or parts of the side where that is said

  double width() const { return x2 - x1; }
  double height() const { return y2 - y1; }
  double area() const { return width() * height(); }
};

}  // namespace lotse::runner::detect
