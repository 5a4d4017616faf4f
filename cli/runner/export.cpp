#include <filesystem>

#include "base/error.h"
#include "base/strings.h"
#include "cli/runner/families.h"
#include "cli/runner/modes.h"
#include "cli/runner/start.h"
#include "contract/exit_code.h"
#include "contract/file_reference.h"
#include "runner/device.h"
#include "runner/export/torchscript.h"
#include "runner/infer/torchscript.h"

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

/// "1x3x640x640"; several inputs have a '+' between.
std::string sizes_of(const lotse::runner::task::Tensors& inputs) {
  std::vector<std::string> all;
  for (const auto& input : inputs) {
    std::vector<std::string> sizes;
    for (const auto size : input.sizes()) sizes.push_back(std::to_string(size));
    all.push_back(base::join(sizes, "x"));
  }
  return base::join(all, "+");
}

/// What the model says of itself but for lists: a thousand names stay in the file.
void add_facts(const lotse::runner::task::ModelInfo& info, nlohmann::json& fields) {
  for (const auto& [name, value] : info.traits) fields[name] = value;
  for (const auto& [name, value] : info.about.items())
    if (!value.is_structured()) fields[name] = value;
}

}  // namespace

int run_export(const contract::ExportOptions& options, Output& output) {
  namespace infer = lotse::runner::infer;
  namespace task = lotse::runner::task;
  lotse::runner::set_threads(options.threads);
  const auto file_given = contract::resolve_file(options.model).string();
  if (infer::is_torchscript(file_given))
    throw base::Error({{file_given, "is exported already", ""}});
  const auto file = output_file(options, file_given);
  const bool replaces = check_output(file);
  auto source = task::read_source(file_given);
  const auto& family = task::family_of(families(), source);
  contract::check_task(options, family.task());
  const auto model = family.load(std::move(source), options);
  if (file.has_parent_path()) std::filesystem::create_directories(file.parent_path());
  lotse::runner::exporting::write_torchscript(*model, options.batch, file);
  const auto& info = model->info();
  print_warnings(info, output);
  const auto size = std::filesystem::file_size(file);
  output.print({"saved", "", {{"path", file.string()}, {"what", "exported model"}}});
  nlohmann::json fields = {{"path", file.string()},
                           {"format", options.format},
                           {"architecture", info.architecture},
                           {"precision", info.precision},
                           {"batch", options.batch},
                           {"bytes", size},
                           {"replaced", replaces}};
  add_facts(info, fields);
  output.print({"result",
                base::cat("wrote ", file.string(), " (", what_runs(info), ", ",
                          sizes_of(model->example(options.batch, 0)), ", ",
                          base::fixed(static_cast<double>(size) / 1e6, 1), " MB)",
                          replaces ? ", in the place of an earlier export" : ""),
                std::move(fields)});
  return contract::exit_done;
}

}  // namespace lotse::cli::runner
