#pragma once
#include "cli/runner/output.h"
#include "runner/infer/engine.h"

namespace lotse::cli::runner {

/// The first line of a mode that runs a model: what runs, and how; and print_dropped.
void print_start(const char* mode, const lotse::runner::infer::EngineInfo& info, Output& output);

/// A line for what the model finds beside boxes, if there is such.
void print_dropped(const lotse::runner::infer::EngineInfo& info, Output& output);

}  // namespace lotse::cli::runner
