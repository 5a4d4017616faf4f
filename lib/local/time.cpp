#include "local/time.h"

#include <ctime>
#include <regex>

#include "base/error.h"

namespace lotse::local {

namespace {
std::string seconds_text(WallTime time, const char* pattern) {
  const std::time_t seconds =
      std::chrono::system_clock::to_time_t(std::chrono::floor<std::chrono::seconds>(time));
  std::tm utc = {};
  ::gmtime_r(&seconds, &utc);
  char text[40];
  const size_t length = std::strftime(text, sizeof text, pattern, &utc);
  return {text, length};
}
}  // namespace

std::string nano_timestamp(WallTime time) {
  const auto nanoseconds = std::chrono::duration_cast<std::chrono::nanoseconds>(
      time - std::chrono::floor<std::chrono::seconds>(time));
  std::string decimals = std::to_string(nanoseconds.count());
  decimals.insert(0, 9 - decimals.size(), '0');
  return seconds_text(time, "%Y-%m-%dT%H:%M:%S.") + decimals + "Z";
}

std::string timestamp(WallTime time) {
  return seconds_text(time, "%Y-%m-%dT%H:%M:%SZ");
}

std::string to_nano_timestamp(const std::string& text) {
  static const std::regex form(R"((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z)");
  std::smatch match;
  if (!std::regex_match(text, match, form))
    throw base::Error(base::ErrorKind::invalid, "'" + text + "' is not a time",
                      "write it in UTC, such as 2026-11-24T04:13:37Z");
  std::string decimals = match[2];
  decimals.append(9 - decimals.size(), '0');
  return match[1].str() + "." + decimals + "Z";
}

WallTime parse_timestamp(const std::string& text) {
  std::tm utc = {};
  if (::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &utc) == nullptr) return {};
  return std::chrono::system_clock::from_time_t(::timegm(&utc));
}

}  // namespace lotse::local
