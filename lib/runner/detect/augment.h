#pragma once
#include <cstdint>
#include <functional>

#include "runner/detect/sample.h"
#include "runner/task/random.h"

namespace lotse::runner::detect {

struct Augmentation {
  double mosaic = 1.0;     ///< probability of joining pictures
  double scale = 0.5;      ///< zoom by 1 - scale to 1 + scale
  double translate = 0.1;  ///< shift by up to this part of the side
  double hsv_h = 0.015, hsv_s = 0.7, hsv_v = 0.4;
  double fliplr = 0.5;
  double mosaic9 = 0;  ///< probability that nine are joined where pictures are
  double degrees = 0, shear = 0, perspective = 0;  ///< up to these, either way
  double flipud = 0, bgr = 0;
  double mixup = 0, cutmix = 0;
  double copy_paste = 0;  ///< part of the objects that could be
};

/// Applies all of it in the field's order: mosaic, copy-paste, warp, mixup, cutmix, colours, flips,
/// order of the colours. `picture(i)` yields the i-th of `count` pictures, whose longer side is
/// `side`; those that are joined or mixed with it are drawn from all. Writes pixels, side x side x
/// 3, and says which objects are on them.
Labels augment(int64_t index, int64_t count, int side, const Augmentation& settings,
               task::Random& random, const std::function<const Sample&(int64_t)>& picture,
               uint8_t* pixels);

}  // namespace lotse::runner::detect
