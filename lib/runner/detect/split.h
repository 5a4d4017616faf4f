#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "runner/detect/dataset.h"
#include "runner/task/stratify.h"

namespace lotse::runner::detect {

/// One part: what is where in the whole.
struct SplitPart {
  std::string part;
  std::vector<size_t> pictures;      ///< sorted
  std::vector<int64_t> objects;      ///< by class
  std::vector<int64_t> with_object;  ///< pictures with one, by class
};

/// Which part each picture is in (task/stratify.h). Throws Error(invalid) where a part would be
/// empty.
std::vector<SplitPart> split(const std::vector<Item>& items, size_t classes,
                             const task::SplitRule& rule);

/// All pictures of a data set, each once.
std::vector<Item> all_pictures(const DataSet& set);

/// Writes a list of pictures for each part, relative to the folder, and data.yaml with the names of
/// `set`: all of it or nothing. Throws Error(invalid) where one of these files is there, unless
/// `overwrite`.
void write_split(const std::vector<Item>& items, const DataSet& set,
                 const std::vector<SplitPart>& parts, const std::filesystem::path& folder,
                 bool overwrite);

}  // namespace lotse::runner::detect
