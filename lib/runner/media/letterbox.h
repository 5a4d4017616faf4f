#pragma once
#include <array>

#include "runner/media/codec.h"

namespace lotse::runner::media {

/// square: the canvas is side x side. rectangle: its shorter side is cut to a multiple of stride.
enum class Canvas { square, rectangle };

/// How a picture lies on the network's canvas: scaled by one factor, centred, the rest grey.
struct Letterbox {
  int source_width = 0, source_height = 0;
  int width = 0, height = 0;                ///< the canvas
  int scaled_width = 0, scaled_height = 0;  ///< the picture on it
  int left = 0, top = 0;                    ///< where the picture begins

  /// A box on the canvas (xyxy, pixels) as a box in the picture, clipped to it.
  std::array<float, 4> to_source(const std::array<float, 4>& box) const;
  /// The same, not clipped.
  std::array<float, 4> beyond_source(const std::array<float, 4>& box) const;
  /// A box in the picture as a box on the canvas, not clipped.
  std::array<float, 4> to_canvas(const std::array<float, 4>& box) const;
};

/// A picture in the middle of a canvas that is there already; `enlarge` false: not scaled up to it.
Letterbox plan_on_canvas(int width, int height, int canvas_width, int canvas_height, bool enlarge);

/// Ultralytics' rule: r = min(side/h, side/w), scaled = max(round(d*r), 1), margins split in halves
/// (the odd pixel goes right and below), stride taken into account for Canvas::rectangle.
/// `enlarge` false: r is at most 1.
Letterbox plan_letterbox(int width, int height, int side, Canvas canvas, int stride = 32,
                         bool enlarge = true);

/// Resizes a picture: bilinear with half-pixel centres and without anti-aliasing, rounded to 8 bits
/// (as OpenCV's INTER_LINEAR, within one step).
Image resize(const Image& image, int width, int height);

/// The picture on its canvas; the margin is grey (114).
Image letterbox(const Image& image, const Letterbox& plan);

/// The same on a canvas of plan.height x plan.width x 3, contiguous, as floats in [0, 1] or as
/// bytes: the rows from `first_row` up to, not including, `last_row`.
void letterbox_into(const Image& image, const Letterbox& plan, int first_row, int last_row,
                    float* pixels);
void letterbox_into(const Image& image, const Letterbox& plan, int first_row, int last_row,
                    uint8_t* pixels);

}  // namespace lotse::runner::media
