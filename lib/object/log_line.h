#pragma once
#include <cstdint>
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

}  // namespace lotse::object
