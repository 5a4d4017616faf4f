#pragma once
#include "runner/media/codec.h"

namespace lotse::runner::media {

/// Left becomes right.
void mirror(Image& picture);

/// Top becomes bottom.
void turn_upside_down(Image& picture);

}  // namespace lotse::runner::media
