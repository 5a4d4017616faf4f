#pragma once
#include "cli/tree/command.h"

namespace lotse::cli::runner {

/// `scan FILE...`: what files would do, in main itself: nothing of libtorch's is near them. Its
/// exit code is 0 if nothing was found, 1 if something would happen, and 2 if one of the files
/// cannot be read and nothing was found in the others.
Command scan_command();

}  // namespace lotse::cli::runner
