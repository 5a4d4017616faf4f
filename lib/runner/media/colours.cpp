#include "runner/media/colours.h"

#include <algorithm>

#include "runner/media/wide.h"

namespace lotse::runner::media {

namespace {

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

void change_colours(Image& picture, double hue, double saturation, double value) {
  const Colours colours{static_cast<float>(hue * 6), static_cast<float>(saturation),
                        static_cast<float>(value)};
  auto& bytes = picture.rgb;
  for (size_t i = 0; i < bytes.size(); i += 3 * block)
    change_block(colours, std::min(block, (bytes.size() - i) / 3), bytes.data() + i);
}

void swap_red_and_blue(Image& picture) {
  auto& bytes = picture.rgb;
  for (size_t i = 0; i < bytes.size(); i += 3) std::swap(bytes[i], bytes[i + 2]);
}

}  // namespace lotse::runner::media
