#pragma once
#include <string>
#include <vector>

#include "cli/runner/output.h"

namespace lotse::cli::runner {

/// How many processes the mode runs in this pod: LOTSE_PROCESSES_PER_POD of a training, unless this
/// is one of them; else 1. Throws Error(invalid) where that is no number from 1 to 64.
int processes_to_start(const std::string& mode);

/// Starts this program with these arguments `count` times, as local ranks 0, 1, ..., and waits for
/// all of them. A pod without peers gets a rendezvous of its own. What they print passes through
/// line by line, and signals are passed on. When one fails the others are told to stop, and the
/// result is the exit code of the first that failed by itself, whose error is the last line: 75 and
/// 76 say that another one failed, or that all were stopped.
int launch(const std::vector<std::string>& arguments, int count, Output& output);

}  // namespace lotse::cli::runner
