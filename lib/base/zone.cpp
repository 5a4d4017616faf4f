#include "base/zone.h"

#include <cstdlib>
#include <filesystem>
#include <mutex>

namespace lotse::base {

namespace {

/// As tzset(3) finds them. A name that it does not find means UTC to it, without a word.
bool is_known(const std::string& zone) {
  const char* given = std::getenv("TZDIR");
  const std::filesystem::path folder = given != nullptr ? given : "/usr/share/zoneinfo";
  std::error_code error;
  return zone == "UTC" || std::filesystem::is_regular_file(folder / zone, error);
}

/// The C library has one time zone, that of the variable TZ.
class Zone {
 public:
  explicit Zone(const std::string& zone) {
    if (const char* before = std::getenv("TZ")) before_ = before;
    ::setenv("TZ", (":" + zone).c_str(), 1);
    ::tzset();
  }
  ~Zone() {
    if (before_)
      ::setenv("TZ", before_->c_str(), 1);
    else
      ::unsetenv("TZ");
    ::tzset();
  }
  Zone(const Zone&) = delete;
  Zone& operator=(const Zone&) = delete;

 private:
  std::optional<std::string> before_;
};

}  // namespace

std::optional<int> minute_of_week(const std::string& zone, std::time_t when) {
  if (!is_known(zone)) return std::nullopt;
  static std::mutex one_at_a_time;
  const std::lock_guard lock(one_at_a_time);
  const Zone in_force(zone);
  std::tm local{};
  if (::localtime_r(&when, &local) == nullptr) return std::nullopt;
  return ((local.tm_wday + 6) % 7 * 24 + local.tm_hour) * 60 + local.tm_min;
}

}  // namespace lotse::base
