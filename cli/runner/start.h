#pragma once
#include "cli/runner/output.h"
#include "runner/infer/engine.h"

namespace lotse::cli::runner {

/// The first line of a mode that runs a model: what runs, and how.
void print_start(const char* mode, const lotse::runner::infer::EngineInfo& info, Output& output);

}  // namespace lotse::cli::runner
