#pragma once
#include <vector>

#include "runner/detect/sample.h"

namespace lotse::runner::detect {

/// Four pictures around the point (x, y) of a grey canvas twice the side (YOLOv4, arXiv
/// 2004.10934); what reaches beyond the canvas is cut, with its boxes.
Sample mosaic(const std::vector<const Sample*>& four, int side, int x, int y);

/// Nine pictures: the first in the middle of three times the side, the others around it from above
/// clockwise, each beside the one before. Of it the canvas of twice the side in the middle.
Sample mosaic_of_nine(const std::vector<const Sample*>& nine, int side);

}  // namespace lotse::runner::detect
