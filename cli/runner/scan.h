#pragma once
#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "cli/runner/output.h"

namespace lotse::cli::runner {

/// `scan FILE...`: what files would do, in main itself: nothing of libtorch's is near them.
struct ScanArguments {
  bool asked = false;
  std::vector<std::string> files;
  std::string form = "text";  ///< or "json"
};

void add_scan(CLI::App& app, ScanArguments& arguments);

/// 0: nothing found; 1: something would happen; 2: one of the files cannot be read, and nothing was
/// found in the others.
int run_scan(const ScanArguments& arguments);

}  // namespace lotse::cli::runner
