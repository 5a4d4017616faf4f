#pragma once
#include <ctime>
#include <optional>
#include <string>

namespace lotse::base {

/// The minute of the week, from Monday 00:00, that clocks in a time zone ("Europe/Berlin") show at
/// that moment, by this machine's time zone data; nothing if it has none of that zone. C++20's own
/// time zones are not in GCC 12.
std::optional<int> minute_of_week(const std::string& zone, std::time_t when);

}  // namespace lotse::base
