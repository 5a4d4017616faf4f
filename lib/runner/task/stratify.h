#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace lotse::runner::task {

/// How a data set is parted.
struct SplitRule {
  double val = 0.2, test = 0;  ///< of the pictures
  uint64_t seed = 0;
  std::string group_by = "none";  ///< "folder", "prefix": pictures that stay together
};

/// A picture and the classes that are on it.
struct Labelled {
  std::filesystem::path file;
  std::set<int64_t> classes;
};

/// Which pictures are in train, in val and in test, sorted, so that the parts have their share of
/// the pictures and of those with each class, rare classes first, as far as groups allow: iterative
/// stratification (Sechidis, Tsoumakas, Vlahavas 2011). A pure function of its arguments. By
/// "folder" those of a folder stay together; by "prefix" those of a folder whose names are the same
/// up to the last "_", "-" or "." before the ending (frames of a video, copies of a picture).
/// Throws Error(invalid) where a part of which there is to be a share would be empty.
std::array<std::vector<size_t>, 3> stratify(const std::vector<Labelled>& pictures, size_t classes,
                                            const SplitRule& rule);

}  // namespace lotse::runner::task
