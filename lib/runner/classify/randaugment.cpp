#include <algorithm>
#include <array>
#include <cmath>

#include "runner/classify/augment.h"

namespace lotse::runner::classify {

namespace {

using media::Image;
using task::Random;

constexpr double strength = 9.0 / 30;  // the magnitude as a part of the largest
constexpr double pi = 3.14159265358979323846;

uint8_t to_byte(double value) {
  return static_cast<uint8_t>(std::clamp(value + 0.5, 0.0, 255.0));
}

uint8_t cut_off(double value) {
  return static_cast<uint8_t>(std::clamp(value, 0.0, 255.0));
}

template <class Change>
void each_byte(Image& picture, Change&& change) {
  for (auto& byte : picture.rgb) byte = change(byte);
}

/// Where a pixel of the result lies in the picture, both from the middle: x' = a x + b y + c.
struct Warp {
  double a = 1, b = 0, c = 0;
  double d = 0, e = 1, f = 0;
};

/// Bilinear; black where the middle of a pixel comes from outside, and no darker at the edge.
Image warp(const Image& picture, const Warp& from) {
  Image result = media::blank(picture.width, picture.height, 0);
  const double middle_x = picture.width / 2.0, middle_y = picture.height / 2.0;
  const auto at = [&](int x, int y, int c) -> double {
    return picture.at(std::clamp(x, 0, picture.width - 1), std::clamp(y, 0, picture.height - 1))[c];
  };
  for (int y = 0; y < picture.height; ++y) {
    for (int x = 0; x < picture.width; ++x) {
      const double dx = x + 0.5 - middle_x, dy = y + 0.5 - middle_y;
      const double sx = from.a * dx + from.b * dy + from.c + middle_x - 0.5;
      const double sy = from.d * dx + from.e * dy + from.f + middle_y - 0.5;
      if (sx < -0.5 || sy < -0.5 || sx >= picture.width - 0.5 || sy >= picture.height - 0.5)
        continue;
      const double left = std::floor(sx), top = std::floor(sy);
      const int ix = static_cast<int>(left), iy = static_cast<int>(top);
      const double px = sx - left, py = sy - top;
      for (int c = 0; c < 3; ++c) {
        const double above = at(ix, iy, c) * (1 - px) + at(ix + 1, iy, c) * px;
        const double below = at(ix, iy + 1, c) * (1 - px) + at(ix + 1, iy + 1, c) * px;
        result.at(x, y)[c] = to_byte(above * (1 - py) + below * py);
      }
    }
  }
  return result;
}

double luma(const uint8_t* rgb) {
  return std::round(0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2]);
}

/// Towards `other(pixel)` for a factor below 1, away from it above; cut off to whole numbers, as
/// the field's tools do.
template <class Other>
void blend(Image& picture, double factor, Other&& other) {
  for (size_t i = 0; i < picture.rgb.size(); i += 3) {
    uint8_t* rgb = picture.rgb.data() + i;
    const double base = other(rgb);
    for (int c = 0; c < 3; ++c) rgb[c] = cut_off(base + factor * (rgb[c] - base));
  }
}

double mean_luma(const Image& picture) {
  double sum = 0;
  for (size_t i = 0; i < picture.rgb.size(); i += 3) sum += luma(picture.rgb.data() + i);
  return std::round(sum * 3 / static_cast<double>(picture.rgb.size()));
}

/// Away from or towards the picture smoothed by a 3 x 3 window; the edge stays.
Image sharpen(const Image& picture, double factor) {
  Image result = picture;
  for (int y = 1; y + 1 < picture.height; ++y) {
    for (int x = 1; x + 1 < picture.width; ++x) {
      for (int c = 0; c < 3; ++c) {
        double sum = 4.0 * picture.at(x, y)[c];
        for (int dy = -1; dy <= 1; ++dy)
          for (int dx = -1; dx <= 1; ++dx) sum += picture.at(x + dx, y + dy)[c];
        const double smooth = std::round(sum / 13);
        result.at(x, y)[c] = cut_off(smooth + factor * (picture.at(x, y)[c] - smooth));
      }
    }
  }
  return result;
}

using Histogram = std::array<int64_t, 256>;
using Table = std::array<uint8_t, 256>;

/// Each channel by a table that is made of its histogram; nothing where there is only one value.
template <class MakeTable>
void by_histogram(Image& picture, MakeTable&& make) {
  for (size_t c = 0; c < 3; ++c) {
    Histogram counts = {};
    for (size_t i = c; i < picture.rgb.size(); i += 3) ++counts[picture.rgb[i]];
    if (std::count_if(counts.begin(), counts.end(), [](int64_t n) { return n > 0; }) < 2) continue;
    const Table table = make(counts);
    for (size_t i = c; i < picture.rgb.size(); i += 3) picture.rgb[i] = table[picture.rgb[i]];
  }
}

/// The least value becomes 0, the most 255.
Table stretched(const Histogram& counts) {
  size_t low = 0, high = 255;
  while (counts[low] == 0) ++low;
  while (counts[high] == 0) --high;
  Table table = {};
  for (size_t v = low; v < 256; ++v)
    table[v] = to_byte(255.0 * static_cast<double>(v - low) / static_cast<double>(high - low));
  return table;
}

/// All values about equally often.
Table equalized(const Histogram& counts) {
  int64_t total = 0, below = 0, last = 0;
  for (const int64_t count : counts) {
    total += count;
    if (count > 0) last = count;
  }
  Table table = {};
  const int64_t step = (total - last) / 255;
  for (size_t v = 0; v < 256; ++v) {
    table[v] = step == 0 ? static_cast<uint8_t>(v)
                         : static_cast<uint8_t>(std::min<int64_t>((below + step / 2) / step, 255));
    below += counts[v];
  }
  return table;
}

Image turned(const Image& picture, double degrees) {
  const double angle = degrees * pi / 180, c = std::cos(angle), s = std::sin(angle);
  return warp(picture, {c, -s, 0, s, c, 0});
}

/// Around `factor` 1, which changes nothing.
double factor(double way) {
  return 1 + way * 0.9 * strength;
}

/// Whole pixels of a side.
double shift(double way, int side) {
  return -way * std::floor(150.0 / 331 * strength * side);
}

constexpr double shear = 0.3 * strength;  // about the upper left corner

void change_contrast(Image& picture, double way) {
  const double mean = mean_luma(picture);
  blend(picture, factor(way), [mean](const uint8_t*) { return mean; });
}

void drop_bits(Image& picture, double) {
  const auto dropped = static_cast<int>(std::lround(4 * strength));
  each_byte(picture, [=](uint8_t v) { return static_cast<uint8_t>(v >> dropped << dropped); });
}

void invert_bright(Image& picture, double) {
  each_byte(picture, [](uint8_t v) {
    return v >= 255 * (1 - strength) ? static_cast<uint8_t>(255 - v) : v;
  });
}

using Change = void (*)(Image& picture, double way);
const std::array<Change, 14> changes = {
    [](Image&, double) {},
    [](Image& p, double way) {
      p = warp(p, {1, way * shear, way * shear * p.height / 2, 0, 1, 0});
    },
    [](Image& p, double way) {
      p = warp(p, {1, 0, 0, way * shear, 1, way * shear * p.width / 2});
    },
    [](Image& p, double way) {
      p = warp(p, {1, 0, shift(way, p.width), 0, 1, 0});
    },
    [](Image& p, double way) {
      p = warp(p, {1, 0, 0, 0, 1, shift(way, p.height)});
    },
    [](Image& p, double way) { p = turned(p, way * 30 * strength); },
    [](Image& p, double way) { blend(p, factor(way), [](const uint8_t*) { return 0.0; }); },
    [](Image& p, double way) { blend(p, factor(way), luma); },
    change_contrast,
    [](Image& p, double way) { p = sharpen(p, factor(way)); },
    drop_bits,
    invert_bright,
    [](Image& p, double) { by_histogram(p, stretched); },
    [](Image& p, double) { by_histogram(p, equalized); }};

}  // namespace

void change(Image& picture, size_t which, double way) {
  changes.at(which)(picture, way);
}

Image randaugment(const Image& picture, Random& random) {
  auto result = picture;
  for (int i = 0; i < 2; ++i) {
    const auto which = static_cast<size_t>(random.below(static_cast<int64_t>(changes.size())));
    change(result, which, random.chance(0.5) ? -1 : 1);
  }
  return result;
}

}  // namespace lotse::runner::classify
