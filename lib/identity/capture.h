#pragma once
#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace lotse::identity {

/// A program that is run for what it prints.
struct Capture {
  std::vector<std::string> arguments;              ///< the file first
  std::map<std::string, std::string> environment;  ///< all of it
  bool terminal = false;  ///< it gets our standard input instead of an empty one
  std::chrono::milliseconds timeout{0};
};

struct Captured {
  int code = 0;  ///< 128 + the signal that ended it
  std::string output;
  bool timed_out = false;  ///< it was stopped
};

/// Runs the program, whose standard error is ours, and returns what it prints. Throws Error(failed)
/// if it cannot be started or prints more than a megabyte, and Error(interrupted) within 200 ms of
/// the user's signal, after stopping it.
Captured run(const Capture& capture);

}  // namespace lotse::identity
