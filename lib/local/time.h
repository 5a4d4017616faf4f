#pragma once
#include <chrono>
#include <string>

namespace lotse::local {

using WallTime = std::chrono::system_clock::time_point;
using SteadyTime = std::chrono::steady_clock::time_point;

/// UTC as RFC 3339 with nine decimals, as container runtimes write it before each log line. All
/// have one width, so that comparing the texts compares the times.
std::string nano_timestamp(WallTime time = std::chrono::system_clock::now());

/// UTC as RFC 3339 with seconds, as Kubernetes writes times into objects.
std::string timestamp(WallTime time = std::chrono::system_clock::now());

/// "2026-11-24T04:13:37Z" or with decimals, to nine decimals. Throws Error(invalid).
std::string to_nano_timestamp(const std::string& text);

/// Reads what timestamp() wrote; 1970 if it is anything else.
WallTime parse_timestamp(const std::string& text);

}  // namespace lotse::local
