#include "runner/media/colours.h"

#include <cmath>

#include "runner/media/pixels.h"
#include "runner/media/wide.h"

namespace lotse::runner::media {

namespace {

/// Hue is shifted by sixths of the circle, 0 to 6; saturation and value are multiplied.
struct Colours {
  float shift, saturation, value;
};

/// Within 0 and `most`, which is above 0.
inline float between(float x, float most) {
  const float below = x < most ? x : most;
  return below > 0.0F ? below : 0.0F;
}

/// Without branches, for the compiler to work on several pixels at once.
LOTSE_WIDE void change_row(const Colours& colours, size_t count, uint32_t* pixels) {
  for (size_t i = 0; i < count; ++i) {
    const auto pixel = static_cast<int>(pixels[i]);
    const auto r = static_cast<float>(pixel & 255), g = static_cast<float>(pixel >> 8 & 255),
               b = static_cast<float>(pixel >> 16 & 255);
    const float more = r > g ? r : g, less = r < g ? r : g;
    const float high = more > b ? more : b, range = high - (less < b ? less : b);
    // One division for two; of grey, whose hue does not matter, by almost nothing.
    const float both = 1.0F / (high * range + 1e-20F);
    // Hue in sixths of the circle and above 0: red is 6.
    float across = r - g, third = 4.0F;
    across = high == g ? b - r : across, third = high == g ? 2.0F : third;
    across = high == r ? g - b : across, third = high == r ? 6.0F : third;
    float hue = across * high * both + third + colours.shift;
    hue -= 6.0F * static_cast<float>(static_cast<int>(hue * (1.0F / 6.0F)));
    const float bright = high * colours.value, v = bright < 255.0F ? bright : 255.0F;
    const float wanted = v * (range * range * both * colours.saturation);
    const float chroma = wanted < v ? wanted : v, low = v - chroma + 0.5F;
    // How much of the chroma a channel has: all of it a sixth of the circle around its own third.
    const float red = between(chroma * (std::fabs(hue - 3.0F) - 1.0F), chroma),
                green = between(chroma * (2.0F - std::fabs(hue - 2.0F)), chroma),
                blue = between(chroma * (2.0F - std::fabs(hue - 4.0F)), chroma);
    pixels[i] =
        static_cast<uint32_t>(static_cast<int>(low + red) | static_cast<int>(low + green) << 8 |
                              static_cast<int>(low + blue) << 16);
  }
}

LOTSE_WIDE void swap_row(uint32_t* pixels, size_t count) {
  for (size_t i = 0; i < count; ++i)
    pixels[i] = (pixels[i] & 0xff00) | (pixels[i] >> 16 & 0xff) | (pixels[i] & 0xff) << 16;
}

}  // namespace

void change_colours(uint32_t* pixels, size_t count, double hue, double saturation, double value) {
  const Colours colours{static_cast<float>((hue - std::floor(hue)) * 6),
                        static_cast<float>(saturation), static_cast<float>(value)};
  change_row(colours, count, pixels);
}

void change_colours(Image& picture, double hue, double saturation, double value) {
  Pixels row(static_cast<size_t>(picture.width));
  for (int y = 0; y < picture.height; ++y) {
    unpack(picture.at(0, y), row.size(), row.data());
    change_colours(row.data(), row.size(), hue, saturation, value);
    pack(row.data(), row.size(), picture.at(0, y));
  }
}

void swap_red_and_blue(uint32_t* pixels, size_t count) {
  swap_row(pixels, count);
}

}  // namespace lotse::runner::media
