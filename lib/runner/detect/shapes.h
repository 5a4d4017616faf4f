#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "runner/detect/boxes.h"
#include "runner/media/codec.h"

namespace lotse::runner::detect {

/// Circle, square, triangle, star: told apart by shape alone, colours are random.
const std::vector<std::string>& shape_names();

struct ShapesPicture {
  media::Image image;
  std::vector<Box> boxes;  ///< pixels; the whole object, also where another one hides a part of it
};

/// One picture of `side` x `side`: a textured background and 1 to 8 anti-aliased objects of 6 to
/// 50 % of the side, wholly inside, any way round. They may overlap, but at least 60 % of each can
/// be seen. A pure function of its arguments, to the bit, on every machine.
ShapesPicture draw_shapes(uint64_t seed, uint64_t stream, uint64_t index, int side);

/// One object alone, of 30 to 70 % of the side.
ShapesPicture draw_shape(uint64_t seed, uint64_t stream, uint64_t index, int side);

struct ShapesCount {
  int64_t pictures = 0, objects = 0;
};

/// Stands in each folder that write_shapes made, from before the first picture on: without it,
/// nothing in a folder is overwritten or removed.
inline constexpr auto shapes_mark = ".lotse-shapes";

/// How a data set lies in its folder.
enum class ShapesLayout {
  yolo,    ///< data.yaml, images/{train,val}/NNNNNN.png and labels/{train,val}/NNNNNN.txt
  classes  ///< {train,val}/CLASS/NNNNNN.png, one object in each
};

/// A data set under `folder`; validation has a stream of its own. `folder` is new, empty, or bears
/// the mark and holds nothing but such files, which are replaced. Throws Error(invalid), before
/// anything is touched, if not. `progress` is called by one of the `threads` at a time.
ShapesCount write_shapes(const std::filesystem::path& folder, uint64_t seed, int64_t train,
                         int64_t val, int side,
                         const std::function<void(int64_t done, int64_t total)>& progress,
                         int64_t threads = 1, ShapesLayout layout = ShapesLayout::yolo);

}  // namespace lotse::runner::detect
