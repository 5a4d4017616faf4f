#pragma once
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace lotse::runner::detect {

/// An object of known class in a picture.
struct Box {
  int64_t class_id = 0;
  double x1 = 0, y1 = 0, x2 = 0, y2 = 0;  ///< pixels, or parts of the side where that is said

  double width() const { return x2 - x1; }
  double height() const { return y2 - y1; }
  double area() const { return width() * height(); }
};

struct Vertex {
  float x = 0, y = 0;
};

/// Where an object's surface ends: a polygon, closed from its last corner to its first.
using Outline = std::vector<Vertex>;

/// What is on a picture.
struct Labels {
  std::vector<Box> boxes;
  std::vector<Outline> outlines = {};  ///< outline_of()
};

/// The outline of the i-th of the objects, empty where it is known by its box alone. `of` has
/// `boxes`, and `outlines` of as many of the first of them as are needed.
template <class Objects>
const Outline& outline_of(const Objects& of, size_t i) {
  static const Outline none;
  return i < of.outlines.size() ? of.outlines[i] : none;
}

template <class Objects>
void add_object(Objects& to, const Box& box, const Outline& outline) {
  to.boxes.push_back(box);
  if (outline.empty()) return;
  to.outlines.resize(to.boxes.size());
  to.outlines.back() = outline;
}

}  // namespace lotse::runner::detect
