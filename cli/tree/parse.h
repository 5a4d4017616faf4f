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
/// "--" nothing is a flag. The root's flags may stand before the command's name, a command's
/// own before that of its subcommand, which must have them, too. Mistakes are one
/// Error(invalid) with "did you mean" as the hint.
Parsed parse(const Command& root, const std::vector<std::string>& arguments);

/// The `arguments` from the name of the command on, without the flags of `root` before it.
std::vector<std::string> command_words(const Command& root,
                                       const std::vector<std::string>& arguments);

}  // namespace lotse::cli
