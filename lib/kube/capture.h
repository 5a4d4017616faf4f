#pragma once
#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace lotse::kube {

/// A program that is run for what it prints.
struct Capture {
  std::vector<std::string> arguments;              ///< the file first
  std::map<std::string, std::string> environment;  ///< the whole
  bool terminal = false;                           ///< gets our standard input; else an empty one
  std::chrono::milliseconds timeout{0};
};

struct Captured {
  int code = 0;  ///< 128 + the signal that ended it
  std::string output;
  bool timed_out = false;  ///< it was stopped
};

/// Its standard error is ours. Throws Error(failed) if it cannot be started or prints more than a
/// megabyte, Error(interrupted) within 200 ms of the user's signal; it is stopped then, too.
Captured run(const Capture& capture);

}  // namespace lotse::kube
