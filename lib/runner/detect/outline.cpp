#include "runner/detect/outline.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace lotse::runner::detect {

namespace {

/// What of a polygon lies on the side of `border` where sign * (coordinate - border) >= 0.
Outline cut_at(const Outline& outline, float Vertex::*axis, float border, float sign) {
  Outline result;
  for (size_t i = 0; i < outline.size(); ++i) {
    const Vertex &from = outline[i], &to = outline[(i + 1) % outline.size()];
    const float a = sign * (from.*axis - border), b = sign * (to.*axis - border);
    if (a >= 0) result.push_back(from);
    if ((a >= 0) == (b >= 0)) continue;
    const float part = a / (a - b);
    Vertex crossing{from.x + part * (to.x - from.x), from.y + part * (to.y - from.y)};
    crossing.*axis = border;
    result.push_back(crossing);
  }
  return result;
}

/// `first` goes round, to the corner of `second` that is closest to one of its own, round that and
/// back.
Outline joined(const Outline& first, const Outline& second) {
  size_t here = 0, there = 0;
  float closest = std::numeric_limits<float>::infinity();
  for (size_t i = 0; i < first.size(); ++i) {
    for (size_t j = 0; j < second.size(); ++j) {
      const float dx = first[i].x - second[j].x, dy = first[i].y - second[j].y;
      if (dx * dx + dy * dy >= closest) continue;
      closest = dx * dx + dy * dy;
      here = i, there = j;
    }
  }
  Outline result(first.begin(), first.begin() + static_cast<std::ptrdiff_t>(here) + 1);
  for (size_t j = 0; j <= second.size(); ++j) result.push_back(second[(there + j) % second.size()]);
  result.insert(result.end(), first.begin() + static_cast<std::ptrdiff_t>(here), first.end());
  return result;
}

}  // namespace

Outline joined(const std::vector<Outline>& parts) {
  Outline all;
  for (const auto& part : parts) all = all.empty() ? part : joined(all, part);
  return all;
}

Outline clip(const Outline& outline, double width, double height) {
  auto result = cut_at(outline, &Vertex::x, 0, 1);
  result = cut_at(result, &Vertex::x, static_cast<float>(width), -1);
  result = cut_at(result, &Vertex::y, 0, 1);
  result = cut_at(result, &Vertex::y, static_cast<float>(height), -1);
  return result.size() < 3 ? Outline() : result;
}

Box bounds(const Outline& outline, int64_t class_id) {
  Box box{class_id, outline[0].x, outline[0].y, outline[0].x, outline[0].y};
  for (const auto& [x, y] : outline) {
    box.x1 = std::min<double>(box.x1, x), box.x2 = std::max<double>(box.x2, x);
    box.y1 = std::min<double>(box.y1, y), box.y2 = std::max<double>(box.y2, y);
  }
  return box;
}

Outline moved(const Outline& outline, double right, double down) {
  auto result = outline;
  for (auto& point : result)
    point.x += static_cast<float>(right), point.y += static_cast<float>(down);
  return result;
}

Outline mirrored(const Outline& outline, double width) {
  auto result = outline;
  for (auto& point : result) point.x = static_cast<float>(width) - point.x;
  return result;
}

std::vector<std::pair<int, int>> inside(const Outline& outline, int y, int width) {
  const double middle = y + 0.5;
  std::vector<double> crossings;
  for (size_t i = 0; i < outline.size(); ++i) {
    const Vertex &a = outline[i], &b = outline[(i + 1) % outline.size()];
    if ((a.y <= middle) == (b.y <= middle)) continue;
    crossings.push_back(a.x + (middle - a.y) / (double{b.y} - a.y) * (double{b.x} - a.x));
  }
  std::sort(crossings.begin(), crossings.end());
  // The first pixel whose centre lies to the right of a crossing.
  const auto pixel = [&](double x) {
    return static_cast<int>(std::clamp(std::ceil(x - 0.5), 0.0, static_cast<double>(width)));
  };
  std::vector<std::pair<int, int>> spans;
  for (size_t i = 0; i + 1 < crossings.size(); i += 2) {
    const auto first = pixel(crossings[i]), end = pixel(crossings[i + 1]);
    if (first < end) spans.emplace_back(first, end);
  }
  return spans;
}

}  // namespace lotse::runner::detect
