#pragma once
#include "runner/media/codec.h"

namespace lotse::runner::media {

/// Shifts the hue by the part `hue` of the circle and multiplies saturation and value.
void change_colours(Image& picture, double hue, double saturation, double value);

/// RGB becomes BGR.
void swap_red_and_blue(Image& picture);

}  // namespace lotse::runner::media
