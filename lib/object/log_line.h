#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace lotse::object {

/// A line that a container printed, and which one that was as far as the reader knows.
struct LogLine {
  std::string pod = {};
  std::optional<int64_t> rank = {};  ///< absent: not a pod of an Indexed Job
  std::string time = {};             ///< RFC 3339, may be empty
  std::string text = {};             ///< without the newline
  std::string container = {};        ///< "" to users: the pod has only one
  int64_t attempt = 1;               ///< which pod of its rank it is, by their ages
};

using LogSink = std::function<void(const LogLine&)>;

/// Which lines are asked for. The last two choose pods: who reads given pods has no use for them.
struct LogOptions {
  bool follow = false;                    ///< go on until nothing more comes
  std::optional<int64_t> tail = {};       ///< last lines of each container; absent: all
  std::optional<std::string> since = {};  ///< RFC 3339 in UTC: only lines from then on
  bool previous = false;                  ///< of the container before its last restart
  std::optional<int64_t> rank = {};       ///< only this completion index
  std::optional<int64_t> attempt = {};    ///< only this try of each index, from 1
};

}  // namespace lotse::object
