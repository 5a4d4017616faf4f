#include "cli/runner/modes.h"

#include <filesystem>

#include "base/error.h"
#include "runner/foreign.h"

namespace lotse::cli::runner {

namespace {

template <class Options>
int run(int (*mode)(const Options&, Output&), const contract::RunConfiguration& configuration,
        Output& output) {
  return mode(contract::options_from_json<Options>(configuration.options, ""), output);
}

int run_mode(const contract::RunConfiguration& configuration, Output& output) {
  const std::string& mode = configuration.mode;
  if (mode == "train") return run(run_train, configuration, output);
  if (mode == "val") return run(run_val, configuration, output);
  if (mode == "export") return run(run_export, configuration, output);
  if (mode == "infer") return run(run_infer, configuration, output);
  if (mode == "serve") return run(run_serve, configuration, output);
  if (mode == "bench") return run(run_bench, configuration, output);
  if (mode == "inspect") return run(run_inspect, configuration, output);
  if (mode == "forward") return run(run_forward, configuration, output);
  if (mode == "dataset shapes") return run(run_shapes, configuration, output);
  if (mode == "dataset convert") return run(run_convert, configuration, output);
  if (mode == "dataset split") return run(run_split, configuration, output);
  if (mode == "dataset check") return run(run_check, configuration, output);
  throw base::Error(base::ErrorKind::invalid, "'" + mode + "' is no mode of the runner");
}

}  // namespace

extern "C" __attribute__((visibility("default"))) int lotse_run_mode(
    const contract::RunConfiguration& configuration, Output& output) {
  try {
    return run_mode(configuration, output);
  } catch (const base::Error& error) {
    // 130 is the user's own `lotse`; what ends a container by a signal begins again.
    if (error.kind() != base::ErrorKind::interrupted) throw;
    throw base::Error(base::ErrorKind::stopped, "stopped by a signal");
  } catch (const std::filesystem::filesystem_error&) {
    throw;  // main tells them apart
  } catch (const std::exception& error) {
    throw lotse::runner::from_foreign(error);
  }
}

}  // namespace lotse::cli::runner
