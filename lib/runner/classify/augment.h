#pragma once
#include "runner/media/codec.h"
#include "runner/media/resample.h"
#include "runner/task/random.h"

namespace lotse::runner::classify {

struct Augmentation {
  double scale = 0.5;  ///< a crop has at least 1 - scale of the picture's area
  double flipud = 0, fliplr = 0.5;
  bool randaugment = true;  ///< else the colours are changed
  double hsv_h = 0.015, hsv_s = 0.7, hsv_v = 0.4;
  double erasing = 0.4;  ///< probability of a black rectangle
};

/// A random part of the picture as a square (arXiv 1409.4842: its area and the ratio of its sides,
/// 3/4 to 4/3, are drawn), flips, RandAugment or colours, and erasing (arXiv 1708.04896: 2 to 33
/// % of the area, ratio 0.3 to 3.3), in the field's order.
media::Image augment(const media::Image& picture, int side, const Augmentation& settings,
                     task::Random& random);

/// Makes a part of it black, which must lie in it.
void erase(media::Image& picture, const media::Part& part);

/// RandAugment (arXiv 1909.13719) as the field's tools have it: two of fourteen changes of shape or
/// colour, magnitude 9 of 30, either way. What comes in from outside the picture is black.
media::Image randaugment(const media::Image& picture, task::Random& random);

/// One of its changes, 0 to 13; `way` is -1 or 1, of which some know nothing.
void change(media::Image& picture, size_t which, double way);

}  // namespace lotse::runner::classify
