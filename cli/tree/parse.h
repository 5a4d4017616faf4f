#pragma once
#include <string>
#include <vector>

#include "cli/tree/command.h"

namespace lotse::cli {

/// What a command line asks for.
struct Parsed {
  const Command* command = nullptr;  ///< the one whose flags were set
  std::vector<std::string> path;     ///< names from the root, "lotse" first
  bool help = false;                 ///< --help was given; nothing is checked then
};

/// Calls the setters of the flags and positionals that are given, in their order. Flags are read as
/// kubectl's library (pflag) reads them: "--name value", "--name=value" ("--name=" is the empty
/// value), "-nvalue", "-n=value", "-it", "--switch=false", anywhere among the arguments; behind
/// "--" nothing is a flag. The root's flags may stand before the command's name. Mistakes are one
/// Error(invalid) with "did you mean" as the hint.
Parsed parse(const Command& root, const std::vector<std::string>& arguments);

/// The name of the command that `arguments` begin with, behind flags of the root; "" if there is
/// none.
std::string command_word(const Command& root, const std::vector<std::string>& arguments);

}  // namespace lotse::cli
