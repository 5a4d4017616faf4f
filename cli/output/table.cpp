#include "cli/output/table.h"

#include <algorithm>
#include <ctime>

#include "base/error.h"
#include "base/strings.h"

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

long seconds_of(const std::string& flag, const std::string& duration) {
  char* end = nullptr;
  const double number = std::strtod(duration.c_str(), &end);
  const std::string unit = end;
  double factor = 0;
  if (unit.empty() || unit == "s") factor = 1;
  if (unit == "m") factor = 60;
  if (unit == "h") factor = 3600;
  if (unit == "d") factor = 86400;
  constexpr double longest = 10.0 * 365 * 86400;
  if (end == duration.c_str() || factor == 0 || !(number >= 0) || number * factor > longest)
    throw base::Error(base::ErrorKind::invalid, flag + ": '" + duration + "' is no duration",
                      "write 30s, 5m, 2h or 1d");
  return static_cast<long>(number * factor);
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
