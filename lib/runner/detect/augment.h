#pragma once
#include <cstdint>
#include <functional>
#include <vector>

#include "runner/detect/boxes.h"
#include "runner/media/codec.h"
#include "runner/task/random.h"

namespace lotse::runner::detect {

/// A picture in memory and its boxes in pixels.
struct Sample {
  media::Image image;
  std::vector<Box> boxes;
};

struct Augmentation {
  double mosaic = 1.0;     ///< probability of joining four pictures
  double scale = 0.5;      ///< zoom by 1 - scale to 1 + scale
  double translate = 0.1;  ///< shift by up to this part of the side
  double hsv_h = 0.015, hsv_s = 0.7, hsv_v = 0.4;
  double fliplr = 0.5;
};

/// Four pictures around a point of a grey canvas twice the side (YOLOv4, arXiv 2004.10934): the
/// point lies uniformly in its inner half; what reaches beyond the canvas is cut.
Sample mosaic(const std::vector<const Sample*>& four, int side, task::Random& random);

/// The picture zoomed about its centre and shifted, on a grey square of `side`. Boxes are cut to
/// it. Those that are left with a side under 2 px, with less than a tenth of their area, or over
/// 100 times longer than wide, are dropped.
Sample zoom_and_shift(const Sample& sample, int side, double zoom, double shift_x, double shift_y);

/// Shifts the hue by the part `hue` of the circle and multiplies saturation and value.
void change_colours(media::Image& picture, double hue, double saturation, double value);

/// Mirrors picture and boxes: left becomes right.
void mirror(Sample& sample);

/// Applies all of it in the field's order: mosaic, zoom and shift, colours, mirror. `picture(i)`
/// yields the i-th of `count` pictures, whose longer side is `side`; partners of a mosaic are drawn
/// from all.
Sample augment(int64_t index, int64_t count, int side, const Augmentation& settings,
               task::Random& random, const std::function<const Sample&(int64_t)>& picture);

}  // namespace lotse::runner::detect
