#include "runner/classify/augment.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "runner/media/colours.h"
#include "runner/media/flip.h"

namespace lotse::runner::classify {

namespace {

using media::Image;
using media::Part;
using task::Random;

constexpr int attempts = 10;  // at a rectangle that fits

/// A rectangle of this part of a picture's area, its sides in a ratio drawn evenly on a logarithmic
/// scale; where it would not fit: none.
std::optional<Part> draw_part(int width, int height, double least_area, double most_area,
                              double least_ratio, double most_ratio, Random& random) {
  const double area = random.uniform(least_area, most_area) * width * height;
  const double ratio = std::exp(random.uniform(std::log(least_ratio), std::log(most_ratio)));
  const auto w = static_cast<int>(std::lround(std::sqrt(area * ratio)));
  const auto h = static_cast<int>(std::lround(std::sqrt(area / ratio)));
  if (w < 1 || h < 1 || w > width || h > height) return {};
  const auto left = static_cast<int>(random.below(width - w + 1));
  const auto top = static_cast<int>(random.below(height - h + 1));
  return Part{left, top, w, h};
}

constexpr double least_ratio = 3.0 / 4, most_ratio = 4.0 / 3;

/// As much of the middle as the ratios allow.
Part middle(int width, int height) {
  int w = width, h = height;
  const double ratio = static_cast<double>(width) / height;
  if (ratio < least_ratio) h = std::max(1, static_cast<int>(std::lround(w / least_ratio)));
  if (ratio > most_ratio) w = std::max(1, static_cast<int>(std::lround(h * most_ratio)));
  return {(width - w) / 2, (height - h) / 2, w, h};
}

Part draw_crop(int width, int height, double scale, Random& random) {
  for (int i = 0; i < attempts; ++i)
    if (const auto part = draw_part(width, height, 1 - scale, 1, least_ratio, most_ratio, random))
      return *part;
  return middle(width, height);
}

void erase_somewhere(Image& picture, Random& random) {
  for (int i = 0; i < attempts; ++i) {
    const auto part = draw_part(picture.width, picture.height, 0.02, 0.33, 0.3, 3.3, random);
    if (!part || part->width >= picture.width || part->height >= picture.height) continue;
    return erase(picture, *part);
  }
}

}  // namespace

void erase(Image& picture, const Part& part) {
  for (int y = part.top; y < part.top + part.height; ++y)
    std::fill_n(picture.at(part.left, y), static_cast<size_t>(part.width) * 3, uint8_t{0});
}

Image augment(const Image& picture, int side, const Augmentation& settings, Random& random) {
  // Each change has numbers of its own, so that one setting does not alter another's luck.
  Random crop({random.next()}), flips({random.next()}), colours({random.next()}),
      erasing({random.next()});
  const auto part = draw_crop(picture.width, picture.height, settings.scale, crop);
  auto result = media::resample(picture, part, side, side);
  if (flips.chance(settings.fliplr)) media::mirror(result);
  if (flips.chance(settings.flipud)) media::turn_upside_down(result);
  if (settings.randaugment) {
    result = randaugment(result, colours);
  } else {
    const double hue = colours.uniform(-settings.hsv_h, settings.hsv_h);
    const double saturation = 1 + colours.uniform(-settings.hsv_s, settings.hsv_s);
    const double value = 1 + colours.uniform(-settings.hsv_v, settings.hsv_v);
    media::change_colours(result, hue, saturation, value);
  }
  if (erasing.chance(settings.erasing)) erase_somewhere(result, erasing);
  return result;
}

}  // namespace lotse::runner::classify
