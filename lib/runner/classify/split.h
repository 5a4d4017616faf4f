#pragma once
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "runner/classify/dataset.h"
#include "runner/task/stratify.h"

namespace lotse::runner::classify {

/// One part: which of the pictures are in it.
struct SplitPart {
  std::string part;
  std::vector<size_t> pictures;   ///< sorted
  std::vector<int64_t> by_class;  ///< how many
};

/// Parts `set.train` (task/stratify.h). Throws Error(invalid) where a part would be empty, or train
/// would have no picture of a class.
std::vector<SplitPart> split(const DataSet& set, const task::SplitRule& rule);

/// Makes FOLDER/PART/CLASS of hard links to the pictures, or of copies where there can be none: all
/// of it or nothing. Pictures of one name in a part and class are told apart by a number. Throws
/// Error(invalid) where anything but an empty folder is there. `progress` counts pictures.
void write_split(const DataSet& set, const std::vector<SplitPart>& parts,
                 const std::filesystem::path& folder,
                 const std::function<void(int64_t done, int64_t total)>& progress);

}  // namespace lotse::runner::classify
