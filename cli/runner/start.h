#pragma once
#include <string>

#include "cli/runner/output.h"
#include "runner/task/model.h"

namespace lotse::cli::runner {

/// "yolo26n, head o2o, fp32": what runs.
std::string what_runs(const lotse::runner::task::ModelInfo& info);

/// The first line of a mode that runs a model: what runs, and how; and print_warnings.
void print_start(const char* mode, const lotse::runner::task::ModelInfo& info, Output& output);

/// A line for each thing that users should know of the model.
void print_warnings(const lotse::runner::task::ModelInfo& info, Output& output);

}  // namespace lotse::cli::runner
