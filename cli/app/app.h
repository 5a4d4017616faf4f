#pragma once
#include <string>
#include <vector>

#include "cli/tree/command.h"

namespace lotse::cli {

/// The whole command tree. Flags of a template's verb are only made for the verb that `arguments`
/// begin with (behind flags such as -n), or for all with `everything`: each costs reading a
/// template.
Command command_tree(const std::vector<std::string>& arguments, bool everything = false);

/// Runs a command line (without the program's name); the exit code.
int run(const std::vector<std::string>& arguments);

}  // namespace lotse::cli
