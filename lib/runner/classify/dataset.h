#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "runner/task/problems.h"

namespace lotse::runner::classify {

struct Item {
  std::filesystem::path image;
  int64_t class_id = 0;
};

/// Which parts of a data set must be there.
enum class Parts {
  train_and_val,
  val,
  all  ///< of both what there is, at least one
};

/// A data set, read and checked; the pictures themselves are not opened.
struct DataSet {
  std::vector<std::string> names;  ///< of the classes, sorted
  std::vector<Item> train, val;
  std::vector<std::string> notes;  ///< for people: what may not be meant
  task::LeftOut left_out;          ///< nothing where mistakes are refused

  std::vector<int64_t> by_class(const std::vector<Item>& part) const;  ///< pictures
};

/// Reads a folder that has a folder a class below `train` and below `val` ("valid", "validation"
/// or, where there is none, "test"): FOLDER/train/dog/1.jpg. Pictures may lie deeper; links are
/// followed, not in rings; names that begin with "." are skipped. The classes are those of `train`,
/// sorted by the bytes of their names; of `val` alone, where there is no `train` and it is not
/// asked for. Mistakes are a class without pictures, a class that `train` does not have, a link to
/// nothing; throws Error(invalid) with every one, the first 20 in full. With `skip_bad` it goes on
/// without them.
DataSet read_data_set(const std::filesystem::path& folder, bool skip_bad = false,
                      Parts parts = Parts::train_and_val);

/// Whether it is a folder with folders that may be those of classes, below the parts or in itself:
/// none that is called "images", "labels" or "annotations".
bool has_class_folders(const std::filesystem::path& folder);

/// All pictures of a folder that has a folder a class below each of its parts, or in itself where
/// it has no parts; they are in `train` of what is returned. Errors as those of read_data_set; less
/// than two classes are one.
DataSet read_unsplit(const std::filesystem::path& folder, bool skip_bad);

}  // namespace lotse::runner::classify
