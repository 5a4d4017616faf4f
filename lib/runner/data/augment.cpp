#include "runner/data/augment.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace lotse::runner::data {

namespace {

constexpr uint8_t grey = 114;
constexpr double least_side = 2, least_part = 0.1, most_aspect = 100;

/// Copies the part of `from` that lies on `to` when its corner is put at (left, top).
void paste(const image::Image& from, image::Image& to, int left, int top) {
  const int x1 = std::max(left, 0), x2 = std::min(left + from.width, to.width);
  if (x1 >= x2) return;
  for (int y = std::max(top, 0); y < std::min(top + from.height, to.height); ++y)
    std::memcpy(to.at(x1, y), from.at(x1 - left, y - top), static_cast<size_t>(x2 - x1) * 3);
}

Box cut(Box box, double width, double height) {
  box.x1 = std::clamp(box.x1, 0.0, width), box.x2 = std::clamp(box.x2, 0.0, width);
  box.y1 = std::clamp(box.y1, 0.0, height), box.y2 = std::clamp(box.y2, 0.0, height);
  return box;
}

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

}  // namespace

Sample mosaic(const std::vector<const Sample*>& four, int side, Random& random) {
  Sample result{image::blank(2 * side, 2 * side, grey), {}};
  const int x = static_cast<int>(random.uniform(0.5 * side, 1.5 * side));
  const int y = static_cast<int>(random.uniform(0.5 * side, 1.5 * side));
  for (size_t i = 0; i < 4; ++i) {
    const auto& [picture, boxes] = *four[i];
    const int left = i % 2 == 0 ? x - picture.width : x;
    const int top = i < 2 ? y - picture.height : y;
    paste(picture, result.image, left, top);
    for (auto box : boxes) {
      box.x1 += left, box.x2 += left, box.y1 += top, box.y2 += top;
      box = cut(box, 2 * side, 2 * side);
      if (box.width() > 0 && box.height() > 0) result.boxes.push_back(box);
    }
  }
  return result;
}

Sample zoom_and_shift(const Sample& sample, int side, double zoom, double shift_x, double shift_y) {
  const auto& source = sample.image;
  const double left = side * (0.5 + shift_x) - zoom * source.width / 2;
  const double top = side * (0.5 + shift_y) - zoom * source.height / 2;
  Sample result{image::blank(side, side, grey), {}};
  const auto columns = taps(side, zoom, left), rows = taps(side, zoom, top);
  const uint8_t outside[3] = {grey, grey, grey};
  const auto pixel = [&](int x, int y) {
    const bool inside = x >= 0 && y >= 0 && x < source.width && y < source.height;
    return inside ? source.at(x, y) : outside;
  };
  for (int y = 0; y < side; ++y) {
    const auto row = rows[static_cast<size_t>(y)];
    if (row.first < -1 || row.first >= source.height) continue;
    for (int x = 0; x < side; ++x) {
      const auto column = columns[static_cast<size_t>(x)];
      if (column.first < -1 || column.first >= source.width) continue;
      const uint8_t* a = pixel(column.first, row.first);
      const uint8_t* b = pixel(column.first + 1, row.first);
      const uint8_t* c = pixel(column.first, row.first + 1);
      const uint8_t* d = pixel(column.first + 1, row.first + 1);
      uint8_t* out = result.image.at(x, y);
      for (int i = 0; i < 3; ++i) {
        const int upper = a[i] * (256 - column.weight) + b[i] * column.weight;
        const int lower = c[i] * (256 - column.weight) + d[i] * column.weight;
        out[i] =
            static_cast<uint8_t>((upper * (256 - row.weight) + lower * row.weight + 32768) >> 16);
      }
    }
  }
  for (const auto& box : sample.boxes) {
    const Box moved{box.class_id, box.x1 * zoom + left, box.y1 * zoom + top, box.x2 * zoom + left,
                    box.y2 * zoom + top};
    const Box kept = cut(moved, side, side);
    const double w = kept.width(), h = kept.height();
    if (w > least_side && h > least_side && kept.area() > least_part * moved.area() &&
        std::max(w / h, h / w) < most_aspect)
      result.boxes.push_back(kept);
  }
  return result;
}

void change_colours(image::Image& picture, double hue, double saturation, double value) {
  const auto shift = static_cast<float>(hue * 6), s_gain = static_cast<float>(saturation),
             v_gain = static_cast<float>(value);
  for (size_t i = 0; i + 2 < picture.rgb.size(); i += 3) {
    uint8_t* p = picture.rgb.data() + i;
    const float r = p[0], g = p[1], b = p[2];
    const float high = std::max({r, g, b}), range = high - std::min({r, g, b});
    // Hue in sixths of the circle.
    float h = 0;
    if (range > 0) {
      if (high == r)
        h = (g - b) / range;
      else if (high == g)
        h = (b - r) / range + 2;
      else
        h = (r - g) / range + 4;
    }
    h += shift;
    const float v = std::min(high * v_gain, 255.0F);
    const float chroma = v * std::min(high > 0 ? range / high * s_gain : 0.0F, 1.0F);
    // f(n) = v - chroma * max(0, min(k, 4 - k, 1)), k = (n + h) mod 6, for n = 5, 3, 1.
    const auto channel = [&](float n) {
      float k = n + h;
      k -= 6 * std::floor(k / 6);
      return static_cast<uint8_t>(v - chroma * std::max(0.0F, std::min({k, 4 - k, 1.0F})) + 0.5F);
    };
    p[0] = channel(5), p[1] = channel(3), p[2] = channel(1);
  }
}

void mirror(Sample& sample) {
  auto& picture = sample.image;
  for (int y = 0; y < picture.height; ++y)
    for (int a = 0, b = picture.width - 1; a < b; ++a, --b)
      std::swap_ranges(picture.at(a, y), picture.at(a, y) + 3, picture.at(b, y));
  for (auto& box : sample.boxes) {
    const double x1 = box.x1;
    box.x1 = picture.width - box.x2;
    box.x2 = picture.width - x1;
  }
}

Sample augment(int64_t index, int64_t count, int side, const Augmentation& settings, Random& random,
               const std::function<const Sample&(int64_t)>& picture) {
  // Always the same draws in the same order, so that one setting does not change another's luck.
  const bool join = random.chance(settings.mosaic);
  Sample joined;
  const Sample* base = &picture(index);
  if (join) {
    std::vector<const Sample*> four = {base};
    while (four.size() < 4) four.push_back(&picture(random.below(count)));
    joined = mosaic(four, side, random);
    base = &joined;
  }
  const double zoom = random.uniform(1 - settings.scale, 1 + settings.scale);
  const double shift_x = random.uniform(-settings.translate, settings.translate);
  const double shift_y = random.uniform(-settings.translate, settings.translate);
  const double hue = random.uniform(-settings.hsv_h, settings.hsv_h);
  const double saturation = 1 + random.uniform(-settings.hsv_s, settings.hsv_s);
  const double value = 1 + random.uniform(-settings.hsv_v, settings.hsv_v);
  auto result = zoom_and_shift(*base, side, std::max(zoom, 0.01), shift_x, shift_y);
  if (settings.hsv_h > 0 || settings.hsv_s > 0 || settings.hsv_v > 0)
    change_colours(result.image, hue, saturation, value);
  if (random.chance(settings.fliplr)) mirror(result);
  return result;
}

}  // namespace lotse::runner::data
