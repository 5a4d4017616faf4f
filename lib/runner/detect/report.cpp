#include "runner/detect/report.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/strings.h"
#include "runner/media/draw.h"

namespace lotse::runner::detect {

namespace {

std::string name_of(int64_t class_id, const Names& names) {
  const auto index = static_cast<size_t>(class_id);
  return index < names.size() ? names[index] : std::to_string(class_id);
}

double rounded(float value, double steps) {
  return std::nearbyint(static_cast<double>(value) * steps) / steps;
}

}  // namespace

nlohmann::json to_json(const std::vector<Detection>& detections, const Names& names) {
  auto list = nlohmann::json::array();
  for (const auto& one : detections) {
    auto box = nlohmann::json::array();
    for (const float side : one.box) box.push_back(rounded(side, 100));
    list.push_back({{"box", std::move(box)},
                    {"class", one.class_id},
                    {"name", name_of(one.class_id, names)},
                    {"confidence", rounded(one.confidence, 1e4)}});
  }
  return list;
}

std::string describe(const std::vector<Detection>& detections, const Names& names) {
  std::map<int64_t, int64_t> counts;
  for (const auto& one : detections) ++counts[one.class_id];
  std::vector<std::pair<int64_t, int64_t>> ordered(counts.begin(), counts.end());
  std::stable_sort(ordered.begin(), ordered.end(),
                   [](auto& a, auto& b) { return a.second > b.second; });
  std::vector<std::string> parts;
  for (const auto& [class_id, count] : ordered)
    parts.push_back(base::cat(count, " ", name_of(class_id, names)));
  const auto line = base::cat("Detected ", detections.size(), " objects in the frame.");
  return parts.empty() ? line : line + " (" + base::join(parts, ", ") + ")";
}

void annotate(media::Image& image, const std::vector<Detection>& detections, const Names& names) {
  for (auto one = detections.rbegin(); one != detections.rend(); ++one) {
    media::draw_box(image, one->box,
                    name_of(one->class_id, names) + " " + base::fixed(one->confidence, 2),
                    media::class_colour(one->class_id));
  }
}

}  // namespace lotse::runner::detect
