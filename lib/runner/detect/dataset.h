#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "runner/detect/boxes.h"
#include "runner/task/checked.h"

namespace lotse::runner::detect {

/// A picture of a data set and what is on it.
struct Item {
  std::filesystem::path image;
  std::vector<Box> boxes;              ///< in parts of the picture's sides, 0 to 1
  bool labelled = false;               ///< whether its labels are there, be they none
  std::vector<Outline> outlines = {};  ///< outline_of(), in the same parts
  double aspect = 0;                   ///< width by height, where the labels tell it; else 0
  std::vector<Box> crowds = {};        ///< of COCO's `iscrowd`: no objects, in the same parts
};

/// A data set, read and checked; the pictures themselves are not opened.
struct DataSet {
  std::vector<std::string> names;  ///< of the classes
  std::vector<Item> train, val, test;
  std::vector<std::string> notes;  ///< for people: what was taken otherwise than it is written
  task::LeftOut left_out;          ///< nothing where mistakes are refused
  bool label_files = true;         ///< whether labels lie in a file a picture
  std::vector<int64_t> kpt_shape;  ///< of rows in label files: keypoints, values of each; or empty

  std::vector<Item>& part(const std::string& name) {
    return name == "train" ? train : name == "val" ? val : test;
  }
  const std::vector<Item>& part(const std::string& name) const {
    return name == "train" ? train : name == "val" ? val : test;
  }
};

using task::data_parts;

/// What of a data set is read.
enum class Parts {
  train_and_val,  ///< both must be there
  val,            ///< must be there
  all             ///< what there is, at least one
};

/// The file by which the data set of a folder is read; nothing where there is none, or several.
std::optional<std::filesystem::path> data_file(const std::filesystem::path& folder);

/// Reads a data set in any of its forms:
/// - data.yaml of YOLO's format (yolo_set.h), whose parts may be COCO's JSON;
/// - COCO's JSON of the part that its name tells ("train", "val", "test" in it or in its folder's),
///   beside that of the others; where it tells none, it is the part `train` (coco_set.h);
/// - NDJSON, which has all parts (ndjson_set.h);
/// - a folder that holds one of these.
/// All of them are UTF-8, with or without a byte order mark, lines ended in any way.
/// Throws Error(invalid) with every mistake found, "FILE:LINE: ...", the first 20 in full. With
/// `skip_bad` it goes on without bad labels, entries that name no picture, and pictures whose label
/// file is no text.
DataSet read_data_set(const std::filesystem::path& data, bool skip_bad = false,
                      Parts parts = Parts::train_and_val);

}  // namespace lotse::runner::detect
