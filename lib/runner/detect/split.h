#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "runner/detect/dataset.h"

namespace lotse::runner::detect {

/// How a data set is parted.
struct SplitRule {
  double val = 0.2, test = 0;  ///< of the pictures
  uint64_t seed = 0;
  std::string group_by = "none";  ///< "folder", "prefix": pictures that stay together
};

/// One part: what is where in the whole.
struct SplitPart {
  std::string part;
  std::vector<size_t> pictures;      ///< sorted
  std::vector<int64_t> objects;      ///< by class
  std::vector<int64_t> with_object;  ///< pictures with one, by class
};

/// Which part each picture is in, so that the parts have their share of the pictures and of those
/// with an object of each class, rare classes first, as far as groups allow: iterative
/// stratification (Sechidis, Tsoumakas, Vlahavas 2011). A pure function of its arguments. By
/// "folder" those of a folder stay together; by "prefix" those of a folder whose names are the same
/// up to the last "_", "-" or "." before the ending (frames of a video, copies of a picture).
/// Throws Error(invalid) where a part would be empty.
std::vector<SplitPart> split(const std::vector<Item>& items, size_t classes, const SplitRule& rule);

/// All pictures of a data set, each once.
std::vector<Item> all_pictures(const DataSet& set);

/// Writes a list of pictures for each part, relative to the folder, and data.yaml with the names of
/// `set`: all of it or nothing. Throws Error(invalid) where one of these files is there, unless
/// `overwrite`.
void write_split(const std::vector<Item>& items, const DataSet& set,
                 const std::vector<SplitPart>& parts, const std::filesystem::path& folder,
                 bool overwrite);

}  // namespace lotse::runner::detect
