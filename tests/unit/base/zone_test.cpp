#include "base/zone.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <string>

using lotse::base::minute_of_week;

namespace {
constexpr int at(int day, int hours, int minutes) {
  return (day * 24 + hours) * 60 + minutes;
}
constexpr std::time_t saturday = 1795829643;  // 2026-11-28T01:34:03Z
constexpr std::time_t summer = 1782345600;    // 2026-06-25T00:00:00Z, a Thursday
}  // namespace

TEST_CASE("the minute of the week is that of the time zone's clocks") {
  ::setenv("TZ", "Asia/Tokyo", 1);
  CHECK(minute_of_week("UTC", saturday) == at(5, 1, 34));
  CHECK(minute_of_week("UTC", 0) == at(3, 0, 0));  // a Thursday
  if (std::filesystem::exists("/usr/share/zoneinfo/Europe/Berlin")) {
    CHECK(minute_of_week("Europe/Berlin", saturday) == at(5, 2, 34));
    CHECK(minute_of_week("Europe/Berlin", summer) == at(3, 2, 0));
    CHECK(minute_of_week("America/New_York", saturday) == at(4, 20, 34));
  }
  CHECK_FALSE(minute_of_week("Europe/Berlinn", saturday));
  CHECK_FALSE(minute_of_week("Europe", saturday));
  CHECK(std::getenv("TZ") == std::string("Asia/Tokyo"));
  ::unsetenv("TZ");
}
