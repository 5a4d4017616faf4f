#pragma once
#include "cli/tree/command.h"

namespace lotse::cli::runner {

/// `files send|receive|wait`: the far side of `lotse push` and `lotse fetch`, in main itself, for
/// libtorch would take longer to load than most files to copy. `send` and `receive` speak
/// transfer/transfer.h on standard input and output. `wait` ends after a minute in which neither of
/// them runs, or by SIGTERM.
Command files_command();

}  // namespace lotse::cli::runner
