#include "runner/detect/augment.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>

#include "runner/media/wide.h"

namespace lotse::runner::detect {

namespace {

constexpr uint8_t grey = 114;
constexpr double least_side = 2, least_part = 0.1, most_aspect = 100;

/// Copies the part of `from` that lies on `to` when its corner is put at (left, top).
void paste(const media::Image& from, media::Image& to, int left, int top) {
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

/// Hue is shifted by sixths of the circle, saturation and value are multiplied.
struct Colours {
  float shift, saturation, value;
};

constexpr size_t block = 256;  // pixels that are changed together

/// Without branches, for the compiler to work on several pixels at once.
LOTSE_WIDE void change_block(const Colours& colours, size_t count, uint8_t* rgb) {
  float red[block], green[block], blue[block];
  for (size_t i = 0; i < count; ++i)
    red[i] = rgb[3 * i], green[i] = rgb[3 * i + 1], blue[i] = rgb[3 * i + 2];
  for (size_t i = 0; i < count; ++i) {
    const float r = red[i], g = green[i], b = blue[i];
    const float more = r > g ? r : g, less = r > g ? g : r;
    const float high = more > b ? more : b, range = high - (less < b ? less : b);
    // Hue in sixths of the circle; 0 for grey.
    const float across = high == r ? g - b : high == g ? b - r : r - g;
    const float third = high == r ? 0.0F : high == g ? 2.0F : 4.0F;
    const float h = across / (range > 0 ? range : 1.0F) + third + colours.shift;
    const float bright = high * colours.value, v = bright < 255.0F ? bright : 255.0F;
    const float part = range / (high > 0 ? high : 1.0F) * colours.saturation;
    const float chroma = v * (part < 1.0F ? part : 1.0F);
    // f(n) = v - chroma * max(0, min(k, 4 - k, 1)), k = (n + h) mod 6, for n = 5, 3, 1.
    const auto channel = [&](float n) {
      float k = n + h;
      const float turns = k / 6, whole = static_cast<float>(static_cast<int>(turns));
      k -= 6 * (whole > turns ? whole - 1 : whole);
      const float falling = 4 - k < 1.0F ? 4 - k : 1.0F, both = k < falling ? k : falling;
      return v - chroma * (both > 0.0F ? both : 0.0F) + 0.5F;
    };
    red[i] = channel(5), green[i] = channel(3), blue[i] = channel(1);
  }
  for (size_t i = 0; i < count; ++i) {
    rgb[3 * i] = static_cast<uint8_t>(red[i]);
    rgb[3 * i + 1] = static_cast<uint8_t>(green[i]);
    rgb[3 * i + 2] = static_cast<uint8_t>(blue[i]);
  }
}

}  // namespace

Sample mosaic(const std::vector<const Sample*>& four, int side, task::Random& random) {
  Sample result{media::blank(2 * side, 2 * side, grey), {}};
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
  Sample result{media::blank(side, side, grey), {}};
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
    mix_rows(stretched[0].data(), stretched[1].data(), row.weight, row_size, result.image.at(0, y));
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

void change_colours(media::Image& picture, double hue, double saturation, double value) {
  const Colours colours{static_cast<float>(hue * 6), static_cast<float>(saturation),
                        static_cast<float>(value)};
  auto& bytes = picture.rgb;
  for (size_t i = 0; i < bytes.size(); i += 3 * block)
    change_block(colours, std::min(block, (bytes.size() - i) / 3), bytes.data() + i);
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

Sample augment(int64_t index, int64_t count, int side, const Augmentation& settings,
               task::Random& random, const std::function<const Sample&(int64_t)>& picture) {
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

}  // namespace lotse::runner::detect
