#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>

#include "runner/detect/dataset.h"

namespace lotse::runner::detect {

struct Converted {
  int64_t pictures = 0, objects = 0;
};

/// Writes a data set in YOLO's format into `folder`, which is new or empty: data.yaml, and images/
/// and labels/ for each part. A picture has the name of its file, with the folders below which all
/// of its part lie left out, and a number where two would have one label file. Pictures are hard
/// links, or copies where the file system has no such links. The folder is made beside and renamed:
/// there is all of it or nothing. `progress` counts pictures.
Converted convert(const DataSet& set, const std::filesystem::path& folder,
                  const std::function<void(int64_t done, int64_t total)>& progress);

}  // namespace lotse::runner::detect
