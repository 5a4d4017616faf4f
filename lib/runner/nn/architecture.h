#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"

namespace lotse::runner::nn {

/// Which generation: they differ in blocks and heads.
enum class Family { yolov8, yolo11, yolo26 };

/// A generation in one of its sizes, named like "yolo26n".
struct Architecture {
  std::string name;
  Family family = Family::yolo26;
  double depth = 1;             ///< factor on the repeats of a row
  double width = 1;             ///< factor on the channels of a row
  int64_t max_channels = 0;     ///< bound on a row's channels before the factor
  bool c3k_everywhere = false;  ///< sizes m, l, x of YOLO11 and YOLO26

  bool end_to_end() const { return family == Family::yolo26; }
  int64_t reg_max() const { return family == Family::yolo26 ? 1 : 16; }
};

/// The fifteen detectors, from n to x within each family.
const std::vector<Architecture>& architectures();

/// One of `known` by its name, behind which ".yaml" may stand; null if there is none.
const Architecture* find_architecture(const std::string& name,
                                      const std::vector<Architecture>& known = architectures());

std::vector<std::string> names_of(const std::vector<Architecture>& known);

/// Error(invalid): the name is none of these; with the closest one, or all.
base::Error no_architecture(const std::string& name, const std::vector<std::string>& names);

/// The same. Throws no_architecture.
const Architecture& architecture(const std::string& name,
                                 const std::vector<Architecture>& known = architectures());

}  // namespace lotse::runner::nn
