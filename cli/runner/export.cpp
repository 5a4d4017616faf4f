#include <filesystem>

#include "base/error.h"
#include "base/strings.h"
#include "cli/runner/modes.h"
#include "cli/runner/start.h"
#include "contract/exit_code.h"
#include "contract/file_reference.h"
#include "runner/device.h"
#include "runner/export/torchscript.h"

namespace lotse::cli::runner {

namespace {

std::filesystem::path output_file(const contract::ExportOptions& options,
                                  const std::string& model) {
  if (!options.output.empty()) return contract::resolve_file(options.output);
  return std::filesystem::path(model).replace_extension(".torchscript");
}

/// An earlier export may be replaced, for it can be made again; anything else may be somebody's
/// only copy. Whether there is one.
bool check_output(const std::filesystem::path& file) {
  if (!std::filesystem::exists(file)) return false;
  const auto what =
      std::filesystem::is_directory(file) ? "is a folder" : "is there, and is no export of Lotse's";
  if (!lotse::runner::infer::is_own_export(file.string()))
    throw base::Error({{"output", file.string() + " " + what, "Name another file with --output."}});
  return true;
}

}  // namespace

int run_export(const contract::ExportOptions& options, Output& output) {
  namespace infer = lotse::runner::infer;
  lotse::runner::set_threads(options.threads);
  const auto model = contract::resolve_file(options.model).string();
  if (infer::is_torchscript(model)) throw base::Error({{model, "is exported already", ""}});
  const auto file = output_file(options, model);
  const bool replaces = check_output(file);
  infer::WeightsEngine engine(
      {model, options.imgsz, options.seed, options.head, options.precision, options.device});
  if (file.has_parent_path()) std::filesystem::create_directories(file.parent_path());
  lotse::runner::exporting::write_torchscript(engine, options.batch, file);
  const auto& info = engine.info();
  print_dropped(info, output);
  const auto size = std::filesystem::file_size(file);
  output.print({"saved", "", {{"path", file.string()}, {"what", "exported model"}}});
  output.print({"result",
                base::cat("wrote ", file.string(), " (", info.architecture, ", head ", info.head,
                          ", ", info.precision, ", ", options.batch, "x3x", info.imgsz, "x",
                          info.imgsz, ", ", base::fixed(static_cast<double>(size) / 1e6, 1), " MB)",
                          replaces ? ", in the place of an earlier export" : ""),
                {{"path", file.string()},
                 {"format", options.format},
                 {"architecture", info.architecture},
                 {"head", info.head},
                 {"precision", info.precision},
                 {"imgsz", info.imgsz},
                 {"batch", options.batch},
                 {"bytes", size},
                 {"replaced", replaces}}});
  return contract::exit_done;
}

}  // namespace lotse::cli::runner
