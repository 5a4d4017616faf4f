#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "runner/task/problems.h"

namespace lotse::runner::detect {

/// One part of a data set in COCO's form (cocodataset.org, "Data format").
struct CocoPart {
  std::string name;                   ///< "train" or "val"
  std::filesystem::path annotations;  ///< the JSON file
  std::filesystem::path pictures;     ///< the folder at which its file names begin
};

struct Converted {
  int64_t pictures = 0, objects = 0;
  int64_t crowds = 0;  ///< annotations that mark a crowd: they are no objects, and are left out
  task::LeftOut left_out;
};

/// Writes a data set in YOLO's form into `folder`, which is new or empty: data.yaml, and images/
/// and labels/ for each part. Classes are the categories in the order of their ids; every part must
/// have the same. Pictures are hard links, or copies where the file system has no such links. The
/// folder is made beside and renamed: there is all of it or nothing. Throws Error(invalid) with
/// every mistake, "FILE: annotations[17]: ...", the first 20 in full; with `skip_bad` it goes on
/// without bad annotations and pictures that are not there. `progress` counts pictures.
Converted convert_coco(const std::vector<CocoPart>& parts, const std::filesystem::path& folder,
                       bool skip_bad,
                       const std::function<void(int64_t done, int64_t total)>& progress);

}  // namespace lotse::runner::detect
