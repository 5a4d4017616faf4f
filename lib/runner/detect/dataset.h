#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "runner/detect/boxes.h"
#include "runner/task/problems.h"

namespace lotse::runner::detect {

/// A picture of a data set and what is on it.
struct Item {
  std::filesystem::path image;
  std::vector<Box> boxes;              ///< in parts of the picture's sides, 0 to 1
  bool labelled = false;               ///< whether it has a label file, be it an empty one
  std::vector<Outline> outlines = {};  ///< outline_of(), in the same parts
};

/// A data set in YOLO format, read and checked; the pictures themselves are not opened.
struct DataSet {
  std::vector<std::string> names;  ///< of the classes
  std::vector<Item> train, val;
  std::vector<std::string> notes;  ///< for people: what was taken otherwise than it is written
  task::LeftOut left_out;          ///< nothing where mistakes are refused
};

/// Where the label file of a picture is looked for: the last "images" in its path becomes "labels",
/// ending .txt.
std::filesystem::path label_file(const std::filesystem::path& picture);

/// Reads data.yaml and what it names: all of them UTF-8, with or without a byte order mark, lines
/// ended in any way.
/// - `path` (relative to the file's folder; may be absent), `names` (list or map), `train` and
///   `val`: a folder (with those below it), a .txt list of pictures, or a list of these. "../x"
///   that is not there is taken as "x", as Roboflow means it. Names that begin with "." are
///   skipped.
/// - The label file of each picture; none: no objects. Where none of a part's pictures has one,
///   those beside the pictures are taken.
/// - A label line is "class x y width height" (centre, parts of the side) or "class x1 y1 x2 y2 x3
///   y3 ..." (an outline, of which the box is the object's). With `kpt_shape: [N, D]` it is a box,
///   and N x D values behind it that are not used, or none. Values up to 1 % outside are cut;
///   repeated lines count once.
/// Throws Error(invalid) with every mistake found, "FILE:LINE: ...", the first 20 in full. With
/// `skip_bad` it goes on without bad label rows, entries of lists that name no picture, and
/// pictures whose label file is no text.
DataSet read_data_set(const std::filesystem::path& yaml, bool skip_bad = false);

}  // namespace lotse::runner::detect
