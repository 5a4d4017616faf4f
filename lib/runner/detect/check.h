#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "runner/task/problems.h"

namespace lotse::runner::detect {

/// One part of a data set: `train` or `val`.
struct PartCount {
  std::string part;
  int64_t pictures = 0, objects = 0, without_label_file = 0;
  std::vector<int64_t> by_class;  ///< objects
};

/// What there is in a data set, and what is wrong with it.
struct Checked {
  std::vector<std::string> names;  ///< of the classes
  std::vector<PartCount> parts;    ///< without what is left out
  task::LeftOut left_out;          ///< every one
  std::vector<std::string> notes;  ///< what is no mistake, but may not be meant
};

/// Reads all of it and decodes every picture. Throws Error(invalid) as read_data_set where training
/// could not begin at all. `progress` counts pictures and is called by one thread at a time.
Checked check(const std::filesystem::path& yaml, int64_t threads,
              const std::function<void(int64_t done, int64_t total)>& progress);

}  // namespace lotse::runner::detect
