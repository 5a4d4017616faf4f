#pragma once
#include <vector>

#include "runner/detect/sample.h"

namespace lotse::runner::detect {

/// Pictures at their places on a grey canvas, the later over the earlier; what reaches beyond it is
/// cut, with its objects. Until pixels are asked for none is copied.
struct Collage {
  struct Piece {
    const Sample* sample;
    int left, top;  ///< where its upper left corner is
  };

  Collage(int width, int height) : width(width), height(height) {}
  /// A picture as it is.
  Collage(const Sample& alone)  // NOLINT(google-explicit-constructor): a picture is one
      : width(alone.image.width), height(alone.image.height), pieces{{&alone, 0, 0}} {}

  int width, height;
  std::vector<Piece> pieces;
};

/// Pixels `begin` to `end` - 1 of row `y`; grey where there is none, also beyond the canvas.
void copy_row(const Collage& collage, int y, int begin, int end, uint8_t* into);

/// Where all of the objects are on the canvas.
Labels objects_on(const Collage& collage);

/// The canvas as a picture.
Sample put_together(const Collage& collage);

}  // namespace lotse::runner::detect
