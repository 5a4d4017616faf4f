#pragma once
#include <array>
#include <functional>

#include "runner/detect/collage.h"
#include "runner/media/pixels.h"

/// The pixels of a square onto which a canvas is brought, bilinear: a pixel's centre, half a pixel
/// from its corner, goes where it is said; grey where no picture is. In 256ths of a pixel, and the
/// same numbers on every processor.
namespace lotse::runner::detect {

/// Row by row; takes (x, y, 1) of the canvas to a multiple of (x, y, 1) of the square.
using Matrix = std::array<double, 9>;

/// Is given row `y` of the square, all of them from the first on, and may change its pixels.
using TakeRow = std::function<void(int y, media::Pixels& row)>;

/// (x, y) goes to (zoom * x + left, zoom * y + top). No more of the canvas is ever put together
/// than a row.
void stretch_rows(const Collage& collage, int side, double zoom, double left, double top,
                  const TakeRow& take);

/// By any matrix.
void warp_rows(const Collage& collage, int side, const Matrix& matrix, const TakeRow& take);

}  // namespace lotse::runner::detect
