#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "runner/task/problems.h"

namespace lotse::runner::task {

/// The parts that a data set may have, in the order in which they are read.
inline const std::vector<std::string> data_parts = {"train", "val", "test"};

/// One of the parts of a data set.
struct PartCount {
  std::string part;
  int64_t pictures = 0, objects = 0, without_label_file = 0;
  std::vector<int64_t> by_class;  ///< objects, or pictures where each has one class
};

/// What there is in a data set, and what is wrong with it.
struct Checked {
  std::vector<std::string> names;  ///< of the classes
  std::vector<PartCount> parts;    ///< those that are there, without what is left out
  LeftOut left_out;                ///< every one
  std::vector<std::string> notes;  ///< what is no mistake, but may not be meant
  bool objects = true;             ///< whether there are objects on pictures
};

}  // namespace lotse::runner::task
