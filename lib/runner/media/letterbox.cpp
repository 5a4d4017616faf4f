#include "runner/media/letterbox.h"

#include <algorithm>
#include <cmath>

#include "runner/media/wide.h"

namespace lotse::runner::media {

namespace {

constexpr uint8_t grey = 114;

/// The two neighbours of an output pixel along one axis, and the second one's weight.
struct Tap {
  int first, second;
  float weight;
};

/// Neighbours by half-pixel centres; beyond the edge the edge's own pixel is repeated.
std::vector<Tap> taps(int from, int to) {
  std::vector<Tap> result(static_cast<size_t>(to));
  const double scale = static_cast<double>(from) / to;
  for (int i = 0; i < to; ++i) {
    const double centre = (i + 0.5) * scale - 0.5;
    const double below = std::floor(centre);
    const int first = static_cast<int>(below);
    result[static_cast<size_t>(i)] = {std::clamp(first, 0, from - 1),
                                      std::clamp(first + 1, 0, from - 1),
                                      static_cast<float>(centre - below)};
  }
  return result;
}

/// Between two rows, rounded.
LOTSE_WIDE void mix(const float* above, const float* below, float weight, size_t count,
                    uint8_t* into) {
  for (size_t i = 0; i < count; ++i)
    into[i] =
        static_cast<uint8_t>(static_cast<int>(above[i] + weight * (below[i] - above[i]) + 0.5F));
}

LOTSE_WIDE void to_unit(const uint8_t* row, size_t count, float* into) {
  for (size_t i = 0; i < count; ++i) into[i] = static_cast<float>(row[i]) / 255.F;
}

/// Rows from `begin` up to, not including, `end`.
struct Rows {
  int begin, end;
};

/// Calls `take(y, row)` for these rows of the resized picture. A source row is stretched once and
/// kept for the next rows.
template <class Take>
void resize_rows(const Image& image, int width, int height, Rows wanted, Take&& take) {
  const auto across = taps(image.width, width);
  const auto down = taps(image.height, height);
  const size_t row_size = static_cast<size_t>(width) * 3;
  std::vector<float> stretched[2] = {std::vector<float>(row_size), std::vector<float>(row_size)};
  int holds[2] = {-1, -1};
  const auto stretch = [&](int y, int slot) {
    holds[slot] = y;
    const uint8_t* row = image.at(0, y);
    float* into = stretched[slot].data();
    for (const Tap& tap : across) {
      const uint8_t* a = row + static_cast<size_t>(tap.first) * 3;
      const uint8_t* b = row + static_cast<size_t>(tap.second) * 3;
      for (int c = 0; c < 3; ++c) *into++ = a[c] + tap.weight * static_cast<float>(b[c] - a[c]);
    }
  };
  std::vector<uint8_t> row(row_size);
  for (int y = wanted.begin; y < wanted.end; ++y) {
    const Tap& tap = down[static_cast<size_t>(y)];
    if (holds[1] == tap.first) {
      std::swap(stretched[0], stretched[1]);
      std::swap(holds[0], holds[1]);
    }
    if (holds[0] != tap.first) stretch(tap.first, 0);
    if (holds[1] != tap.second) stretch(tap.second, 1);
    mix(stretched[0].data(), stretched[1].data(), tap.weight, row_size, row.data());
    take(y, row.data());
  }
}

/// As resize_rows, without arithmetic where the size stays.
template <class Take>
void rows(const Image& image, int width, int height, Rows wanted, Take&& take) {
  if (image.width != width || image.height != height) {
    resize_rows(image, width, height, wanted, take);
    return;
  }
  for (int y = wanted.begin; y < wanted.end; ++y) take(y, image.at(0, y));
}

/// These rows of the canvas: the margin's value, and on it each row of the picture as `convert`
/// writes it.
template <class Value, class Convert>
void put(const Image& image, const Letterbox& plan, Rows canvas, Value* pixels, Value margin,
         Convert&& convert) {
  const size_t canvas_row = static_cast<size_t>(plan.width) * 3;
  const size_t picture_row = static_cast<size_t>(plan.scaled_width) * 3;
  std::fill(pixels + canvas_row * static_cast<size_t>(canvas.begin),
            pixels + canvas_row * static_cast<size_t>(canvas.end), margin);
  const Rows wanted = {std::max(canvas.begin - plan.top, 0),
                       std::min(canvas.end - plan.top, plan.scaled_height)};
  rows(image, plan.scaled_width, plan.scaled_height, wanted, [&](int y, const uint8_t* row) {
    convert(row, picture_row,
            pixels + static_cast<size_t>(plan.top + y) * canvas_row +
                static_cast<size_t>(plan.left) * 3);
  });
}

}  // namespace

std::array<float, 4> Letterbox::beyond_source(const std::array<float, 4>& box) const {
  const float gain_x = static_cast<float>(scaled_width) / static_cast<float>(source_width);
  const float gain_y = static_cast<float>(scaled_height) / static_cast<float>(source_height);
  const auto x = [&](float v) { return (v - static_cast<float>(left)) / gain_x; };
  const auto y = [&](float v) { return (v - static_cast<float>(top)) / gain_y; };
  return {x(box[0]), y(box[1]), x(box[2]), y(box[3])};
}

std::array<float, 4> Letterbox::to_source(const std::array<float, 4>& box) const {
  const auto [x1, y1, x2, y2] = beyond_source(box);
  const auto right = static_cast<float>(source_width), bottom = static_cast<float>(source_height);
  return {std::clamp(x1, 0.F, right), std::clamp(y1, 0.F, bottom), std::clamp(x2, 0.F, right),
          std::clamp(y2, 0.F, bottom)};
}

std::array<float, 4> Letterbox::to_canvas(const std::array<float, 4>& box) const {
  const float gain_x = static_cast<float>(scaled_width) / static_cast<float>(source_width);
  const float gain_y = static_cast<float>(scaled_height) / static_cast<float>(source_height);
  const auto l = static_cast<float>(left);
  const auto t = static_cast<float>(top);
  return {box[0] * gain_x + l, box[1] * gain_y + t, box[2] * gain_x + l, box[3] * gain_y + t};
}

Letterbox plan_on_canvas(int width, int height, int canvas_width, int canvas_height, bool enlarge) {
  double r = std::min(static_cast<double>(canvas_height) / height,
                      static_cast<double>(canvas_width) / width);
  if (!enlarge) r = std::min(r, 1.0);
  Letterbox plan{width, height, canvas_width, canvas_height};
  plan.scaled_width = std::max(static_cast<int>(std::nearbyint(width * r)), 1);
  plan.scaled_height = std::max(static_cast<int>(std::nearbyint(height * r)), 1);
  plan.left = (canvas_width - plan.scaled_width) / 2;
  plan.top = (canvas_height - plan.scaled_height) / 2;
  return plan;
}

Letterbox plan_letterbox(int width, int height, int side, Canvas canvas, int stride, bool enlarge) {
  auto plan = plan_on_canvas(width, height, side, side, enlarge);
  if (canvas == Canvas::square) return plan;
  const int spare_x = (side - plan.scaled_width) % stride;
  const int spare_y = (side - plan.scaled_height) % stride;
  plan.width = plan.scaled_width + spare_x;
  plan.height = plan.scaled_height + spare_y;
  plan.left = spare_x / 2;
  plan.top = spare_y / 2;
  return plan;
}

Image resize(const Image& image, int width, int height) {
  Image result = blank(width, height, 0);
  rows(image, width, height, {0, height}, [&](int y, const uint8_t* row) {
    std::copy_n(row, static_cast<size_t>(width) * 3, result.at(0, y));
  });
  return result;
}

Image letterbox(const Image& image, const Letterbox& plan) {
  Image result = blank(plan.width, plan.height, grey);
  letterbox_into(image, plan, 0, plan.height, result.rgb.data());
  return result;
}

void letterbox_into(const Image& image, const Letterbox& plan, int first_row, int last_row,
                    float* pixels) {
  put(image, plan, {first_row, last_row}, pixels, grey / 255.F, to_unit);
}

void letterbox_into(const Image& image, const Letterbox& plan, int first_row, int last_row,
                    uint8_t* pixels) {
  put(image, plan, {first_row, last_row}, pixels, grey,
      [](const uint8_t* row, size_t count, uint8_t* into) { std::copy_n(row, count, into); });
}

}  // namespace lotse::runner::media
