#include "runner/detect/coco_outline.h"

#include <algorithm>
#include <cmath>

#include "base/strings.h"
#include "runner/detect/outline.h"

namespace lotse::runner::detect {

using base::cat;
using nlohmann::json;

namespace {

/// [x1, y1, x2, y2, ...] of three corners or more; empty where it is not that.
Outline polygon(const json& list) {
  if (!list.is_array() || list.size() < 6 || list.size() % 2 != 0) return {};
  Outline outline(list.size() / 2);
  for (size_t i = 0; i < list.size(); ++i) {
    if (!list[i].is_number()) return {};
    const auto value = list[i].get<float>();
    if (!std::isfinite(value)) return {};
    (i % 2 == 0 ? outline[i / 2].x : outline[i / 2].y) = value;
  }
  return outline;
}

/// Whether two lengths of parts of a picture are about the same, for a side so long.
bool alike(double a, double b, double side) {
  constexpr double tolerance = 0.1, spare = 0.01;
  return std::abs(a - b) <= tolerance * side + spare;
}

}  // namespace

Outline CocoOutlines::take(const json& annotation) {
  const auto found = annotation.find("segmentation");
  if (found == annotation.end() || found->empty()) return {};
  if (found->is_object()) return ++masks_, Outline();
  std::vector<Outline> parts;
  for (const auto& one : *found) {
    parts.push_back(polygon(one));
    if (parts.back().empty()) return ++wrong_, Outline();
  }
  return joined(parts);
}

Outline CocoOutlines::fitted(const Outline& outline, const Box& box, double width, double height) {
  if (outline.empty()) return {};
  const auto part = [](double value, double side) {
    return static_cast<float>(std::clamp(value, 0.0, side) / side);
  };
  auto result = outline;
  for (auto& [x, y] : result) x = part(x, width), y = part(y, height);
  const auto around = bounds(result, box.class_id);
  if (alike(around.x1, box.x1, box.width()) && alike(around.x2, box.x2, box.width()) &&
      alike(around.y1, box.y1, box.height()) && alike(around.y2, box.y2, box.height()))
    return result;
  return ++unfit_, Outline();
}

std::vector<std::string> CocoOutlines::notes() const {
  std::vector<std::string> all;
  const auto note = [&](int64_t count, const char* what) {
    if (count > 0) all.push_back(cat(count, what, "; of these objects the boxes alone are known"));
  };
  note(masks_, " segmentations are masks (RLE), which are not read as outlines");
  note(wrong_, " segmentations are no list of polygons [x1, y1, x2, y2, x3, y3, ...]");
  note(unfit_, " segmentations do not lie where their bbox does");
  return all;
}

}  // namespace lotse::runner::detect
