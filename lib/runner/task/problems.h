#pragma once
#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

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

/// Something of a data set that training can do without.
struct Finding {
  enum Kind { row, picture, entry };  ///< a label row, a picture, an entry of a list
  Kind kind = row;
  std::string where;  ///< "FILE:LINE" or a file; may be empty where the message names it
  std::string message;

  /// "FILE:LINE: why", for people.
  std::string text() const {
    return base::printable(where.empty() ? message : base::cat(where, ": ", message));
  }
};

/// What made an example of a file impossible, which was told with its place.
inline Finding finding_of(const base::Error& error) {
  const auto& told = error.diagnostics();
  if (told.size() != 1) return {Finding::picture, "", error.what()};
  return {Finding::picture, told[0].where, told[0].message};
}

/// What a lenient reading went on without.
struct LeftOut {
  std::vector<Finding> all;

  bool empty() const { return all.empty(); }
  int64_t count(Finding::Kind kind) const {
    return std::count_if(all.begin(), all.end(),
                         [&](const Finding& one) { return one.kind == kind; });
  }
  LeftOut& operator+=(const LeftOut& other) {
    all.insert(all.end(), other.all.begin(), other.all.end());
    return *this;
  }
  /// "2 label rows, 1 pictures and 0 entries of lists"
  std::string in_words() const {
    return base::cat(count(Finding::row), " label rows, ", count(Finding::picture),
                     " pictures and ", count(Finding::entry), " entries of lists");
  }
  /// What is warned of where anything was left out.
  std::string warning() const {
    return base::cat("--skip-bad left out ", in_words(), "; the first: ", all.at(0).text());
  }
};

/// What to do about those that the rest of a data set can do without.
inline constexpr auto way_out =
    "--skip-bad goes on without what is bad; `lotse-runner dataset check` tells all of it.";

/// Mistakes of a data set as its reader meets them. Those that the rest of it can do without are
/// refused too, or left out where the user wants that.
class Mistakes {
 public:
  explicit Mistakes(bool skip_bad) : skip_bad_(skip_bad) {}

  /// One that no training goes on without.
  void add(const std::string& where, const std::string& message, const std::string& hint = "") {
    problems_.add(where, message, hint);
  }
  /// Of something too little remains to go on with. Where a mistake says so already, nothing is
  /// added; where much was left out, the first of that is named, for it tells why.
  void add_nothing_left(const std::string& where, const std::string& message,
                        const std::string& hint = "") {
    if (!none()) return;
    if (left_out_.empty()) return add(where, message, hint);
    add(where, base::cat(message, "; left out were ", left_out_.in_words(),
                         ", the first: ", left_out_.all[0].text()));
  }
  void bad(Finding::Kind kind, const std::string& where, const std::string& message,
           const std::string& hint = "") {
    if (skip_bad_) return left_out_.all.push_back({kind, where, message});
    problems_.add(where, message, hint.empty() && !told_way_out_ ? way_out : hint);
    told_way_out_ = true;
  }
  /// Whether there is any but what is left out.
  bool none() const { return problems_.empty(); }
  /// Throws Error(invalid) unless there is none.
  void check() const { problems_.check(); }
  const LeftOut& left_out() const { return left_out_; }

 private:
  bool skip_bad_, told_way_out_ = false;
  Problems problems_;
  LeftOut left_out_;
};

}  // namespace lotse::runner::task
