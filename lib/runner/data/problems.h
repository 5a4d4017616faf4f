#pragma once
#include <string>
#include <utility>

#include "base/error.h"
#include "base/strings.h"

namespace lotse::runner::data {

/// Mistakes in a data set: there may be thousands, people want the first.
class Problems {
 public:
  void add(std::string where, std::string message, std::string hint = "") {
    if (++count_ <= shown) list_.push_back({std::move(where), std::move(message), std::move(hint)});
  }
  bool empty() const { return count_ == 0; }
  /// Throws Error(invalid) unless there were none.
  void check() const {
    auto list = list_;
    if (count_ > shown)
      list.push_back({"", base::cat("and ", count_ - shown, " more mistakes"), ""});
    base::throw_if_any(std::move(list));
  }

 private:
  static constexpr size_t shown = 20;
  base::Diagnostics list_;
  size_t count_ = 0;
};

}  // namespace lotse::runner::data
