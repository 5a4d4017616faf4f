#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "runner/data/boxes.h"

namespace lotse::runner::data {

/// A picture of a data set and what is on it.
struct Item {
  std::filesystem::path image;
  std::vector<Box> boxes;  ///< in parts of the picture's sides, 0 to 1
};

/// A data set in YOLO format, read and checked; the pictures themselves are not opened.
struct DataSet {
  std::vector<std::string> names;  ///< of the classes
  std::vector<Item> train, val;
};

/// Reads data.yaml: `path` (relative to the file's folder; may be absent), `train` and `val` (a
/// folder, a .txt list of pictures, or a list of these), `names` (list or map), and the label file
/// of each picture (the last "images" in its path becomes "labels", ending .txt; none: no objects).
/// A label line is "class x y width height" (centre, parts of the side) or "class x1 y1 x2 y2 x3
/// y3 ..." (an outline, of which the box is taken). Values up to 1 % outside are cut; repeated
/// lines count once. Throws Error(invalid) with every mistake found, "FILE:LINE: ...", the first
/// 20 in full.
DataSet read_data_set(const std::filesystem::path& yaml);

}  // namespace lotse::runner::data
