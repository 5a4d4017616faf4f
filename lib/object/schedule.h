#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lotse::object {

/// Moments of a week from which on a number holds.
struct Turn {
  std::string
      cron;  ///< "30 9 * * 1-5": all of these moments, as a CronJob's `schedule` writes them
  int64_t count = 0;
  int64_t seconds = 0;  ///< for which it holds at least: who comes later may be wrong
};

/// A number for each minute of the week: `RULE[; RULE]...[; else N]`. A RULE is `DAYS HH:MM-HH:MM =
/// N`, DAYS daily, weekdays, weekends, or names such as mon,tue. It holds from its first minute to
/// the one before its last; one that ends before it begins ends on the day after. The first rule
/// that fits counts.
class Schedule {
 public:
  static constexpr int week = 7 * 24 * 60;  ///< minutes, from Monday 00:00

  /// Throws Error(invalid) with every mistake; a place is "at character N".
  static Schedule parse(std::string_view text);

  /// The number in that minute of the week; `otherwise` where no rule fits and there is no `else`.
  int64_t at(int minute, int64_t otherwise) const;

  /// Where the number changes, as few as possible: moments that are of one cron expression are one.
  /// None if it never does.
  std::vector<Turn> turns(int64_t otherwise) const;

 private:
  Schedule() : counts_(week, none) {}
  static constexpr int64_t none = -1;
  std::vector<int64_t> counts_;
};

}  // namespace lotse::object
