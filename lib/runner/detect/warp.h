#pragma once
#include "runner/detect/warp_rows.h"

namespace lotse::runner::detect {

/// How a canvas is brought onto a square. As it stands here: put in its middle.
struct Warp {
  double zoom = 1;
  double shift_x = 0, shift_y = 0;              ///< parts of the square's side
  double rotation = 0;                          ///< degrees, against the clock
  double shear_x = 0, shear_y = 0;              ///< degrees
  double perspective_x = 0, perspective_y = 0;  ///< change of depth a pixel

  /// Whether a row of it stays a row.
  bool straight() const {
    return rotation == 0 && shear_x == 0 && shear_y == 0 && perspective_x == 0 &&
           perspective_y == 0;
  }
};

/// shift * shear * rotation and zoom * perspective * centring, of a canvas of that size.
Matrix warp_matrix(const Warp& warp, int width, int height, int side);

/// The canvas brought onto a square of `side`, and its objects. A box becomes the one around its
/// corners, or where its outline is known around what is left of that, and is cut to the square.
/// Those with a side under 2 px, with less than a tenth of their zoomed area (a hundredth by
/// outline), or over 100 times longer than wide, are dropped.
Labels warped_onto(const Collage& collage, int side, const Warp& warp, const TakeRow& take);

/// A picture of `side` out of the rows that `make` gives away, and the objects that it returns.
Sample as_sample(int side, const std::function<Labels(const TakeRow&)>& make);

}  // namespace lotse::runner::detect
