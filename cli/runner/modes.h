#pragma once
#include "cli/runner/output.h"
#include "contract/options.h"
#include "contract/run_configuration.h"

/// The side of the runner that links libtorch. It lives in a library of its own, which main loads
/// after handlers stand and usage errors are answered: loading libtorch takes most of a second.
namespace lotse::cli::runner {

/// Each returns an exit code or throws base::Error. One file a mode.
int run_train(const contract::TrainOptions& options, Output& output);
int run_val(const contract::ValOptions& options, Output& output);
int run_export(const contract::ExportOptions& options, Output& output);
int run_infer(const contract::InferOptions& options, Output& output);
int run_serve(const contract::ServeOptions& options, Output& output);
int run_bench(const contract::BenchOptions& options, Output& output);
int run_inspect(const contract::InspectOptions& options, Output& output);
int run_forward(const contract::ForwardOptions& options, Output& output);
int run_shapes(const contract::ShapesOptions& options, Output& output);
int run_convert(const contract::ConvertOptions& options, Output& output);
int run_split(const contract::SplitOptions& options, Output& output);
int run_check(const contract::CheckOptions& options, Output& output);

/// The one function that main looks up by name ("lotse_run_mode").
using RunMode = int (*)(const contract::RunConfiguration& configuration, Output& output);

}  // namespace lotse::cli::runner
