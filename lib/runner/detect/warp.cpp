#include "runner/detect/warp.h"

#include <algorithm>
#include <cmath>

#include "runner/detect/outline.h"

namespace lotse::runner::detect {

namespace {

constexpr double least_side = 2, least_part = 0.1, least_part_of_outline = 0.01, most_aspect = 100;

Matrix times(const Matrix& a, const Matrix& b) {
  Matrix result{};
  for (size_t i = 0; i < 3; ++i)
    for (size_t j = 0; j < 3; ++j)
      for (size_t k = 0; k < 3; ++k) result[3 * i + j] += a[3 * i + k] * b[3 * k + j];
  return result;
}

/// Sines differ in their last bit between processors: off goes what could make a pixel differ.
double steady(double value) {
  return std::round(value * 0x1p30) * 0x1p-30;
}

Vertex through(const Matrix& m, double x, double y) {
  const double depth = m[6] * x + m[7] * y + m[8];
  return {static_cast<float>((m[0] * x + m[1] * y + m[2]) / depth),
          static_cast<float>((m[3] * x + m[4] * y + m[5]) / depth)};
}

bool stays(const Box& box, double least_area) {
  const double w = box.width(), h = box.height();
  return w > least_side && h > least_side && box.area() > least_area &&
         std::max(w / h, h / w) < most_aspect;
}

/// The box around where a box's corners go.
Box around_corners(const Matrix& matrix, const Warp& warp, const Box& box) {
  if (warp.straight())
    return {box.class_id, box.x1 * warp.zoom + matrix[2], box.y1 * warp.zoom + matrix[5],
            box.x2 * warp.zoom + matrix[2], box.y2 * warp.zoom + matrix[5]};
  return bounds({through(matrix, box.x1, box.y1), through(matrix, box.x2, box.y1),
                 through(matrix, box.x2, box.y2), through(matrix, box.x1, box.y2)},
                box.class_id);
}

}  // namespace

Box cut(Box box, double width, double height) {
  box.x1 = std::clamp(box.x1, 0.0, width), box.x2 = std::clamp(box.x2, 0.0, width);
  box.y1 = std::clamp(box.y1, 0.0, height), box.y2 = std::clamp(box.y2, 0.0, height);
  return box;
}

Matrix warp_matrix(const Warp& warp, int width, int height, int side) {
  if (warp.straight())
    return {warp.zoom, 0,         side * (0.5 + warp.shift_x) - warp.zoom * width / 2,
            0,         warp.zoom, side * (0.5 + warp.shift_y) - warp.zoom * height / 2,
            0,         0,         1};
  constexpr double degree = M_PI / 180;
  const double c = steady(std::cos(warp.rotation * degree)) * warp.zoom,
               s = steady(std::sin(warp.rotation * degree)) * warp.zoom;
  const Matrix centring = {1, 0, -width / 2.0, 0, 1, -height / 2.0, 0, 0, 1},
               perspective = {1, 0, 0, 0, 1, 0, warp.perspective_x, warp.perspective_y, 1},
               rotation = {c, s, 0, -s, c, 0, 0, 0, 1},
               shear = {1, steady(std::tan(warp.shear_x * degree)),
                        0, steady(std::tan(warp.shear_y * degree)),
                        1, 0,
                        0, 0,
                        1},
               shift = {1, 0, side * (0.5 + warp.shift_x), 0, 1, side * (0.5 + warp.shift_y), 0,
                        0, 1};
  return times(shift, times(shear, times(rotation, times(perspective, centring))));
}

Labels warped_onto(const Collage& collage, int side, const Warp& warp, const TakeRow& take) {
  const auto matrix = warp_matrix(warp, collage.width, collage.height, side);
  if (warp.straight())
    stretch_rows(collage, side, warp.zoom, matrix[2], matrix[5], take);
  else
    warp_rows(collage, side, matrix, take);
  const auto before = objects_on(collage);
  Labels result;
  for (size_t i = 0; i < before.boxes.size(); ++i) {
    const auto& box = before.boxes[i];
    Outline outline = outline_of(before, i);
    const bool by_outline = !outline.empty();
    for (auto& point : outline) point = through(matrix, point.x, point.y);
    if (by_outline) outline = clip(outline, side, side);
    if (by_outline && outline.empty()) continue;
    const Box kept = by_outline ? bounds(outline, box.class_id)
                                : cut(around_corners(matrix, warp, box), side, side);
    const double least = by_outline ? least_part_of_outline : least_part;
    if (stays(kept, least * warp.zoom * warp.zoom * box.area())) add_object(result, kept, outline);
  }
  return result;
}

Sample as_sample(int side, const std::function<Labels(const TakeRow&)>& make) {
  auto image = media::blank(side, side, grey);
  auto [boxes, outlines] = make([&](int y, const media::Pixels& row) {
    media::pack(row.data(), row.size(), image.at(0, y));
  });
  return {std::move(image), std::move(boxes), std::move(outlines)};
}

}  // namespace lotse::runner::detect
