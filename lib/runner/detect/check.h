#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "runner/task/problems.h"

namespace lotse::runner::detect {

/// One part of a data set: `train`, `val` or `test`.
struct PartCount {
  std::string part;
  int64_t pictures = 0, objects = 0, without_label_file = 0;
  std::vector<int64_t> by_class;  ///< objects
};

/// What there is in a data set, and what is wrong with it.
struct Checked {
  std::vector<std::string> names;  ///< of the classes
  std::vector<PartCount> parts;    ///< those that are there, without what is left out
  task::LeftOut left_out;          ///< every one
  std::vector<std::string> notes;  ///< what is no mistake, but may not be meant
};

/// Reads all parts of a data set in any form and decodes every picture. Throws Error(invalid) as
/// read_data_set where there is no going on. `progress` counts pictures and is called by one thread
/// at a time.
Checked check(const std::filesystem::path& data, int64_t threads,
              const std::function<void(int64_t done, int64_t total)>& progress);

}  // namespace lotse::runner::detect
