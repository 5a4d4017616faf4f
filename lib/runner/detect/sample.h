#pragma once
#include <vector>

#include "runner/detect/boxes.h"
#include "runner/media/codec.h"

namespace lotse::runner::detect {

/// A picture in memory and what is on it, in pixels.
struct Sample {
  media::Image image;
  std::vector<Box> boxes;
  std::vector<Outline> outlines = {};  ///< outline_of()
  std::vector<Box> crowds = {};        ///< of a picture as it was read; nothing is learned of them
};

/// What is round a picture where there is none.
inline constexpr uint8_t grey = 114;

/// The part of a box within 0 to `width`, 0 to `height`.
Box cut(Box box, double width, double height);

}  // namespace lotse::runner::detect
