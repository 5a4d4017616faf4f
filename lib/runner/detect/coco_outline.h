#pragma once
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "runner/detect/boxes.h"

namespace lotse::runner::detect {

/// Takes the outlines of objects out of COCO's annotations, and counts those that it cannot take:
/// an object without an outline is known by its box.
class CocoOutlines {
 public:
  /// Of the member `segmentation`: its polygons as one, in pixels; empty where it has none.
  Outline take(const nlohmann::json& annotation);

  /// The same in parts of the sides and cut to the picture; empty where it is not about as large as
  /// `box`, which is in such parts too.
  Outline fitted(const Outline& outline, const Box& box, double width, double height);

  /// For people, behind the file's name: what was not taken, and why.
  std::vector<std::string> notes() const;

 private:
  int64_t masks_ = 0, wrong_ = 0, unfit_ = 0;
};

}  // namespace lotse::runner::detect
