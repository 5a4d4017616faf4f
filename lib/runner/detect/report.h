#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "runner/detect/postprocess.h"
#include "runner/media/codec.h"

namespace lotse::runner::detect {

using Names = std::vector<std::string>;

/// [{"box": [x1, y1, x2, y2], "class", "name", "confidence"}]; pixels to 1/100, confidence to 1e-4.
nlohmann::json to_json(const std::vector<Detection>& detections, const Names& names);

/// "Detected 5 objects in the frame. (4 person, 1 bus)"
std::string describe(const std::vector<Detection>& detections, const Names& names);

/// Boxes with names and confidences drawn into the picture, the weakest first.
void annotate(media::Image& image, const std::vector<Detection>& detections, const Names& names);

}  // namespace lotse::runner::detect
