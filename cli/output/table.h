#pragma once
#include <string>
#include <vector>

namespace lotse::cli {

/// Columns as wide as their widest cell, two blanks apart; the last one is not padded.
class Table {
 public:
  explicit Table(std::vector<std::string> heading) : rows_{std::move(heading)} {}
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

/// "3s", "5m12s", "2h", "4d" since an RFC 3339 time in UTC; "" if it cannot be read.
std::string age_of(const std::string& timestamp);

/// The time before now by "30s", "5m", "2h", "1d" as RFC 3339; an RFC 3339 time as it is.
/// Throws Error(invalid).
std::string time_before(const std::string& duration);

/// Seconds of "90", "30s", "5m", "2h", "1d". Throws Error(invalid) naming `flag`.
long seconds_of(const std::string& flag, const std::string& duration);

}  // namespace lotse::cli
