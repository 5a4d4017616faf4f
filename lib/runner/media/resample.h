#pragma once
#include "runner/media/codec.h"

namespace lotse::runner::media {

/// A part of a picture, in pixels.
struct Part {
  int left = 0, top = 0, width = 0, height = 0;
};

/// A part of a picture at another size, bilinear with anti-aliasing: a pixel is the mean of those
/// that it stands for, weighted by a triangle twice as wide. First across, then down, each rounded
/// to 8 bits: Pillow's BILINEAR to the bit where that begins so too, else within one step. The part
/// must lie in the picture.
Image resample(const Image& image, const Part& part, int width, int height);

/// A part of a picture as it is.
Image cut(const Image& image, const Part& part);

}  // namespace lotse::runner::media
