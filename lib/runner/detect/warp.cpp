#include "runner/detect/warp.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "runner/detect/outline.h"
#include "runner/media/wide.h"

namespace lotse::runner::detect {

namespace {

constexpr double least_side = 2, least_part = 0.1, least_part_of_outline = 0.01, most_aspect = 100;

/// Where along one axis each target pixel reads: two neighbours and the weight of the second.
/// Centres map to centres (pixel i spans i to i + 1), as boxes do.
struct Tap {
  int first = 0;
  int weight = 0;  // of 256
};

std::vector<Tap> taps(int target, double zoom, double offset) {
  std::vector<Tap> result(static_cast<size_t>(target));
  for (int i = 0; i < target; ++i) {
    const double at = (i + 0.5 - offset) / zoom - 0.5;
    const double floor = std::floor(at);
    result[static_cast<size_t>(i)] = {static_cast<int>(floor),
                                      static_cast<int>((at - floor) * 256)};
  }
  return result;
}

/// Row `y` of a picture stretched along x, 256 times as large; grey where there is no picture.
void stretch_row(const media::Image& from, int y, const std::vector<Tap>& columns, uint16_t* into) {
  constexpr uint8_t outside[3] = {grey, grey, grey};
  const bool there = y >= 0 && y < from.height;
  const auto pixel = [&](int x) {
    return there && x >= 0 && x < from.width ? from.at(x, y) : outside;
  };
  for (const Tap& tap : columns) {
    const uint8_t *a = pixel(tap.first), *b = pixel(tap.first + 1);
    for (int c = 0; c < 3; ++c)
      *into++ = static_cast<uint16_t>(a[c] * (256 - tap.weight) + b[c] * tap.weight);
  }
}

LOTSE_WIDE void mix_rows(const uint16_t* above, const uint16_t* below, int weight, size_t count,
                         uint8_t* into) {
  for (size_t i = 0; i < count; ++i)
    into[i] = static_cast<uint8_t>((above[i] * (256 - weight) + below[i] * weight + 32768) >> 16);
}

/// The picture zoomed and moved, row by row.
media::Image stretched_picture(const media::Image& source, int side, double zoom, double left,
                               double top) {
  auto result = media::blank(side, side, grey);
  const auto columns = taps(side, zoom, left), rows = taps(side, zoom, top);
  // A source row is stretched once and kept for the next rows, which often need it again.
  const auto row_size = static_cast<size_t>(side) * 3;
  std::vector<uint16_t> stretched[2] = {std::vector<uint16_t>(row_size),
                                        std::vector<uint16_t>(row_size)};
  std::optional<int> holds[2];
  const auto stretch = [&](int y, size_t slot) {
    if (holds[slot] == y) return;
    holds[slot] = y;
    stretch_row(source, y, columns, stretched[slot].data());
  };
  for (int y = 0; y < side; ++y) {
    const auto row = rows[static_cast<size_t>(y)];
    if (row.first < -1 || row.first >= source.height) continue;
    if (holds[1] == row.first) {
      std::swap(stretched[0], stretched[1]);
      std::swap(holds[0], holds[1]);
    }
    stretch(row.first, 0);
    stretch(row.first + 1, 1);
    mix_rows(stretched[0].data(), stretched[1].data(), row.weight, row_size, result.at(0, y));
  }
  return result;
}

Matrix times(const Matrix& a, const Matrix& b) {
  Matrix result{};
  for (size_t i = 0; i < 3; ++i)
    for (size_t j = 0; j < 3; ++j)
      for (size_t k = 0; k < 3; ++k) result[3 * i + j] += a[3 * i + k] * b[3 * k + j];
  return result;
}

/// By cofactors, up to a factor, which does not matter to where a point goes.
Matrix inverse(const Matrix& m) {
  return {m[4] * m[8] - m[5] * m[7], m[2] * m[7] - m[1] * m[8], m[1] * m[5] - m[2] * m[4],
          m[5] * m[6] - m[3] * m[8], m[0] * m[8] - m[2] * m[6], m[2] * m[3] - m[0] * m[5],
          m[3] * m[7] - m[4] * m[6], m[1] * m[6] - m[0] * m[7], m[0] * m[4] - m[1] * m[3]};
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

/// Where each pixel of row `y` reads, in 256ths of a pixel of the source, between the centres of
/// its pixels; of what is far outside, something that is outside too.
LOTSE_WIDE void sources(const Matrix& back, int y, int count, int* xs, int* ys) {
  const double v = y + 0.5;
  for (int i = 0; i < count; ++i) {
    const double u = i + 0.5;
    const double depth = back[6] * u + back[7] * v + back[8];
    const double x = ((back[0] * u + back[1] * v + back[2]) / depth - 0.5) * 256;
    const double z = ((back[3] * u + back[4] * v + back[5]) / depth - 0.5) * 256;
    constexpr double far = 1 << 28;
    // Shifted so that what is rounded towards 0 is rounded down.
    const double cx = x < far ? (x > -far ? x : -far) : far,
                 cy = z < far ? (z > -far ? z : -far) : far;
    xs[i] = static_cast<int>(cx + far) - (1 << 28);
    ys[i] = static_cast<int>(cy + far) - (1 << 28);
  }
}

void mix_four(const uint8_t* a, const uint8_t* b, const uint8_t* c, const uint8_t* d, int right,
              int lower, uint8_t* into) {
  for (int i = 0; i < 3; ++i) {
    const int above = a[i] * (256 - right) + b[i] * right;
    const int below = c[i] * (256 - right) + d[i] * right;
    into[i] = static_cast<uint8_t>((above * (256 - lower) + below * lower + 32768) >> 16);
  }
}

/// The colour between four pixels; grey counts for those that are outside.
void pick(const media::Image& from, int x, int y, uint8_t* into) {
  const int left = x >> 8, top = y >> 8, right = x & 255, lower = y & 255;
  if (left >= 0 && top >= 0 && left + 1 < from.width && top + 1 < from.height) {
    const uint8_t *above = from.at(left, top), *below = above + static_cast<size_t>(from.width) * 3;
    return mix_four(above, above + 3, below, below + 3, right, lower, into);
  }
  if (left < -1 || top < -1 || left >= from.width || top >= from.height) return;  // it is grey
  constexpr uint8_t outside[3] = {grey, grey, grey};
  const auto pixel = [&](int at_x, int at_y) {
    return at_x >= 0 && at_x < from.width && at_y >= 0 && at_y < from.height ? from.at(at_x, at_y)
                                                                             : outside;
  };
  mix_four(pixel(left, top), pixel(left + 1, top), pixel(left, top + 1), pixel(left + 1, top + 1),
           right, lower, into);
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

media::Image warped_picture(const media::Image& picture, const Matrix& matrix, int side) {
  auto result = media::blank(side, side, grey);
  const auto back = inverse(matrix);
  std::vector<int> xs(static_cast<size_t>(side)), ys(static_cast<size_t>(side));
  for (int y = 0; y < side; ++y) {
    sources(back, y, side, xs.data(), ys.data());
    for (int x = 0; x < side; ++x)
      pick(picture, xs[static_cast<size_t>(x)], ys[static_cast<size_t>(x)], result.at(x, y));
  }
  return result;
}

Sample warped(const Sample& sample, int side, const Warp& warp) {
  const auto& picture = sample.image;
  const auto matrix = warp_matrix(warp, picture.width, picture.height, side);
  Sample result;
  result.image = warp.straight() ? stretched_picture(picture, side, warp.zoom, matrix[2], matrix[5])
                                 : warped_picture(picture, matrix, side);
  for (size_t i = 0; i < sample.boxes.size(); ++i) {
    const auto& box = sample.boxes[i];
    Outline outline = outline_of(sample, i);
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

}  // namespace lotse::runner::detect
