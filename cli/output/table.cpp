#include "cli/output/table.h"

#include <algorithm>
#include <cmath>
#include <ctime>

#include "base/error.h"
#include "base/number.h"
#include "base/strings.h"
#include "object/quantity.h"

namespace lotse::cli {

namespace {

/// Characters, not bytes: cells hold UTF-8.
size_t width_of(const std::string& text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

}  // namespace

std::string Table::text() const {
  std::vector<size_t> widths;
  for (const auto& row : rows_)
    for (size_t i = 0; i < row.size(); ++i) {
      if (widths.size() <= i) widths.push_back(0);
      widths[i] = std::max(widths[i], width_of(row[i]));
    }
  std::string text;
  for (const auto& row : rows_) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i)
      line += row[i] + std::string(i + 1 < row.size() ? widths[i] - width_of(row[i]) + 2 : 0, ' ');
    while (!line.empty() && line.back() == ' ') line.pop_back();
    text += line + "\n";
  }
  return text;
}

std::string age_of(const std::string& timestamp) {
  std::tm parts = {};
  if (::strptime(timestamp.c_str(), "%Y-%m-%dT%H:%M:%S", &parts) == nullptr) return "";
  const long seconds = std::max(0L, std::time(nullptr) - ::timegm(&parts));
  if (seconds < 120) return base::cat(seconds, "s");
  if (seconds < 3600)
    return base::cat(seconds / 60, "m", seconds < 600 ? base::cat(seconds % 60, "s") : "");
  if (seconds < 48 * 3600) return base::cat(seconds / 3600, "h");
  return base::cat(seconds / 86400, "d");
}

namespace {

/// Go's durations, days before them ("2d12h"), or seconds without a unit.
std::optional<double> duration_in_seconds(const std::string& text) {
  if (const auto seconds = base::to_number(text)) return seconds;
  const auto sign = text.find('d');
  const auto days =
      sign == std::string::npos ? std::optional<double>(0) : base::to_number(text.substr(0, sign));
  const auto rest = sign == std::string::npos ? text : text.substr(sign + 1);
  const auto below = object::parse_duration(rest.empty() && days ? "0" : rest);
  if (!days || !below) return std::nullopt;
  constexpr double day = 86400;
  return *days * day + std::chrono::duration<double>(*below).count();
}

}  // namespace

long seconds_of(const std::string& flag, const std::string& duration) {
  constexpr double longest = 10.0 * 365 * 86400;
  const auto seconds = duration_in_seconds(duration);
  if (seconds && *seconds >= 0 && *seconds <= longest)
    return static_cast<long>(std::ceil(*seconds));
  throw base::Error(base::ErrorKind::invalid,
                    flag + ": '" + duration + "' is no duration of at most ten years",
                    "write 30s, 5m, 1h30m or 2d");
}

std::string time_before(const std::string& duration) {
  std::tm parts = {};
  if (const char* rest = ::strptime(duration.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
      rest != nullptr && *rest == 'Z')
    return duration;
  const std::time_t then = std::time(nullptr) - seconds_of("--since", duration);
  ::gmtime_r(&then, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

}  // namespace lotse::cli
