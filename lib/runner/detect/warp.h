#pragma once
#include <array>

#include "runner/detect/sample.h"

namespace lotse::runner::detect {

/// How a picture is brought onto a square. As it stands here: put in its middle.
struct Warp {
  double zoom = 1;
  double shift_x = 0, shift_y = 0;              ///< parts of the square's side
  double rotation = 0;                          ///< degrees, against the clock
  double shear_x = 0, shear_y = 0;              ///< degrees
  double perspective_x = 0, perspective_y = 0;  ///< change of depth a pixel

  /// Whether a row of the picture stays a row.
  bool straight() const {
    return rotation == 0 && shear_x == 0 && shear_y == 0 && perspective_x == 0 &&
           perspective_y == 0;
  }
};

/// Row by row; takes (x, y, 1) of the picture to a multiple of (x, y, 1) of the square.
using Matrix = std::array<double, 9>;

/// shift * shear * rotation and zoom * perspective * centring, of a picture of that size.
Matrix warp_matrix(const Warp& warp, int width, int height, int side);

/// The picture on a grey square of `side`, bilinear: a pixel's centre, half a pixel from its
/// corner, goes where the matrix says.
media::Image warped_picture(const media::Image& picture, const Matrix& matrix, int side);

/// Picture and objects. A box becomes the one around its corners, or where its outline is known
/// around what is left of that, and is cut to the square. Those with a side under 2 px, with less
/// than a tenth of their zoomed area (a hundredth by outline), or over 100 times longer than wide,
/// are dropped.
Sample warped(const Sample& sample, int side, const Warp& warp);

}  // namespace lotse::runner::detect
