#pragma once
#include <cstdint>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/strings.h"

namespace lotse::runner::task {

/// Mistakes in a data set: there may be thousands, people want the first.
class Problems {
 public:
  void add(const std::string& where, const std::string& message, const std::string& hint = "") {
    if (++count_ <= shown)
      list_.push_back({base::printable(where), base::printable_lines(message), hint});
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

/// What a lenient reading went on without.
struct LeftOut {
  int64_t rows = 0, pictures = 0, entries = 0;  ///< label rows, pictures, entries of lists
  std::string first;                            ///< "FILE:LINE: why" of the first one

  void count(int64_t LeftOut::*kind, const std::string& where, const std::string& message) {
    ++(this->*kind);
    if (first.empty())
      first = base::printable(where.empty() ? message : base::cat(where, ": ", message));
  }
  LeftOut& operator+=(const LeftOut& other) {
    rows += other.rows, pictures += other.pictures, entries += other.entries;
    if (first.empty()) first = other.first;
    return *this;
  }
};

}  // namespace lotse::runner::task
