#pragma once
#include "runner/detect/collage.h"

namespace lotse::runner::detect {

/// Four pictures around the point (x, y) of a canvas twice the side (YOLOv4, arXiv 2004.10934).
Collage mosaic(const std::vector<const Sample*>& four, int side, int x, int y);

/// Nine pictures: the first in the middle of three times the side, the others around it from above
/// clockwise, each beside the one before. Of it the canvas of twice the side in the middle.
Collage mosaic_of_nine(const std::vector<const Sample*>& nine, int side);

}  // namespace lotse::runner::detect
