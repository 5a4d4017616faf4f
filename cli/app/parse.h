#pragma once
#include <string>
#include <vector>

#include "cli/app/command.h"

namespace lotse::cli {

/// What a command line asks for.
struct Parsed {
  const Command* command = nullptr;  ///< the one whose flags were set
  std::vector<std::string> path;     ///< names from the root, "lotse" first
  bool help = false;                 ///< --help was given; nothing is checked then
};

/// Calls the setters of the flags and positionals that are given. Mistakes are one
/// Error(invalid) with "did you mean" as the hint.
Parsed parse(const Command& root, const std::vector<std::string>& arguments);

}  // namespace lotse::cli
