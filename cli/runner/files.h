#pragma once
#include <CLI/CLI.hpp>
#include <string>

namespace lotse::cli::runner {

/// `files send|receive|wait`: the far side of `lotse push` and `lotse fetch`, in main itself, for
/// libtorch would take longer to load than most files to copy.
struct Files {
  std::string mode;    ///< "" unless `files` was asked for
  std::string base;    ///< the folder of the volume
  std::string inside;  ///< the place in it
};

void add_files(CLI::App& app, Files& files);

/// Exit code; throws base::Error. `send` and `receive` speak transfer/transfer.h on standard input
/// and output. `wait` ends after a minute in which neither of them runs, or by SIGTERM.
int run_files(const Files& files);

}  // namespace lotse::cli::runner
