#include "cli/runner/start.h"

#include "base/strings.h"
#include "runner/device.h"

namespace lotse::cli::runner {

using lotse::runner::device_name;
using lotse::runner::task::ModelInfo;

std::string what_runs(const ModelInfo& info) {
  std::string text = info.architecture;
  for (const auto& [name, value] : info.traits) text += base::cat(", ", name, " ", value);
  return base::cat(text, ", ", info.precision);
}

void print_start(const char* mode, const ModelInfo& info, Output& output) {
  nlohmann::json fields = {{"mode", mode},
                           {"model", info.source},
                           {"architecture", info.architecture},
                           {"precision", info.precision},
                           {"device", device_name(info.device)}};
  for (const auto& [name, value] : info.traits) fields[name] = value;
  output.print({"start",
                base::cat(base::printable(info.source), ": ", what_runs(info), " on ",
                          device_name(info.device), info.fresh ? ", fresh weights" : ""),
                std::move(fields)});
  print_warnings(info, output);
}

void print_warnings(const ModelInfo& info, Output& output) {
  for (const auto& warning : info.warnings) output.print(warning);
}

}  // namespace lotse::cli::runner
