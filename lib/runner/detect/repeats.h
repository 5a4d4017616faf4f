#pragma once
#include <cstdint>
#include <string>
#include <utility>

#include "base/strings.h"

namespace lotse::runner::detect {

/// Labels that repeat another one of their picture: tools that merge sets write such. They count
/// once, and one sentence tells of all of them.
class Repeats {
 public:
  void add(std::string place) {
    if (++count_ == 1) first_ = std::move(place);
  }

  /// For people; "" where there were none.
  std::string note() const {
    if (count_ == 0) return "";
    return base::printable(
        base::cat("labels that repeat another one of their picture, which count once: ", count_,
                  "; the first: ", first_));
  }

 private:
  int64_t count_ = 0;
  std::string first_;
};

}  // namespace lotse::runner::detect
