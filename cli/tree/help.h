#pragma once
#include <string>
#include <vector>

#include "cli/tree/command.h"

namespace lotse::cli {

/// The whole help of a command: its long text, usage, arguments, flags by group, subcommands.
std::string help_text(const Command& command, const std::vector<std::string>& path);

}  // namespace lotse::cli
