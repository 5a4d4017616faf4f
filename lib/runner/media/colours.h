#pragma once
#include "runner/media/codec.h"

namespace lotse::runner::media {

/// Shifts the hue by the part `hue` of the circle and multiplies saturation and value.
void change_colours(Image& picture, double hue, double saturation, double value);

/// The same of a row of pixels.h.
void change_colours(uint32_t* pixels, size_t count, double hue, double saturation, double value);

/// RGB becomes BGR, in a row of pixels.h.
void swap_red_and_blue(uint32_t* pixels, size_t count);

}  // namespace lotse::runner::media
