#include <dlfcn.h>
#include <mimalloc.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "base/files.h"
#include "base/interrupt.h"
#include "base/process.h"
#include "base/strings.h"
#include "cli/runner/files.h"
#include "cli/runner/flags.h"
#include "cli/runner/modes.h"
#include "contract/environment.h"
#include "contract/exit_code.h"
#include "contract/file_reference.h"

namespace lotse::cli::runner {

namespace {

using contract::RunConfiguration;
using nlohmann::json;

struct Invocation {
  RunConfiguration configuration;
  bool json_output = false;
};

void read_configuration_file(const std::string& file, RunConfiguration& configuration) {
  const json document = json::parse(base::read_file(contract::resolve_file(file)), nullptr, false);
  if (document.is_discarded()) throw base::Error({{file, "is not JSON", ""}});
  const auto read = contract::parse_run_configuration(document, file);
  if (read.mode != configuration.mode)
    throw base::Error(
        {{file, "is for mode '" + read.mode + "', not '" + configuration.mode + "'", ""}});
  json merged = read.options;
  merged.update(configuration.options);  // flags go before the file
  configuration.options = std::move(merged);
}

template <class Options>
void add_mode(CLI::App& app, const char* name, const char* help, Invocation& invocation) {
  CLI::App* mode = app.add_subcommand(name, help);
  auto& given = invocation.configuration.options;
  bind_flags<Options>(*mode, given);
  auto file = std::make_shared<std::string>();
  auto form = std::make_shared<std::string>("text");
  mode->add_option("--config", *file, "run configuration (JSON); flags go before it");
  mode->add_option("-o,--output-format", *form, "text or json lines")
      ->check(CLI::IsMember({"text", "json"}));
  mode->callback([&invocation, name = std::string(name), file, form] {
    invocation.configuration.mode = name;
    invocation.json_output = *form == "json";
    if (!file->empty()) read_configuration_file(*file, invocation.configuration);
    contract::options_from_json<Options>(invocation.configuration.options, "");
  });
}

/// libgomp's threads wait for each other by spinning, milliseconds long. Where something else uses
/// the cores too (another rank, another container), or a CPU limit counts the spinning, that makes
/// predictions many times slower; a tenth of that is enough where nothing does. libgomp reads
/// this when it is loaded.
void limit_spinning() {
  if (std::getenv("OMP_WAIT_POLICY") == nullptr) ::setenv("GOMP_SPINCOUNT", "10000", 0);
}

/// Memory that is free goes back to the kernel after 10 s, not after the allocator's 25 ms: a
/// prediction takes longer than that, so each met its 43 MB as fresh pages, a quarter of its time.
/// MIMALLOC_DECOMMIT_DELAY (ms) goes before it.
void keep_memory() {
#if MI_MALLOC_VERSION < 210
  mi_option_set_default(mi_option_decommit_delay, 10'000);
#else
  mi_option_set_default(mi_option_purge_delay, 10'000);
#endif
}

RunMode load_modes() {
  ::setenv("TORCH_CPP_LOG_LEVEL", "ERROR", 0);  // c10d warns of every pod whose address has no name
  limit_spinning();
  keep_memory();
  const auto library = base::program_folder().parent_path() / "lib" / "liblotse-runner.so";
  void* handle = ::dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr)
    throw base::Error(base::ErrorKind::failed,
                      std::string("cannot load the runner: ") + ::dlerror());
  return reinterpret_cast<RunMode>(::dlsym(handle, "lotse_run_mode"));
}

/// Errors go where the events go, as the last line; in text form on standard error.
int report(const base::Error& error, Output& output) {
  const int code = contract::exit_code(error.kind());
  if (output.form() == Output::Form::json) {
    output.print({"error", error.what(), {{"exit_code", code}, {"hint", error.hint()}}});
  } else {
    std::cerr << "lotse-runner: " << error.what() << "\n";
    if (!error.hint().empty()) std::cerr << "  " << error.hint() << "\n";
  }
  return code;
}

/// A file that is not there or not allowed will not be on the next try either; a full or broken
/// disk is another matter.
base::Error file_error(const std::filesystem::filesystem_error& error) {
  const auto code = error.code();
  const bool denied =
      code == std::errc::permission_denied || code == std::errc::operation_not_permitted;
  const bool hopeless = denied || code == std::errc::no_such_file_or_directory ||
                        code == std::errc::not_a_directory || code == std::errc::is_a_directory ||
                        code == std::errc::read_only_file_system;
  return {hopeless ? base::ErrorKind::invalid : base::ErrorKind::failed,
          error.path1().string() + ": " + code.message(),
          denied ? base::cat("This process runs as user ", ::getuid(),
                             "; in a pod, --run-as-user or the volume's owner changes that.")
                 : ""};
}

int run(const Invocation& invocation) {
  const char* events = std::getenv(contract::environment::events);
  const bool json = invocation.json_output || (events != nullptr && std::string(events) == "json");
  Output output(Output::choose_form(json));
  try {
    return load_modes()(invocation.configuration, output);
  } catch (const base::Error& error) {
    return report(error, output);
  } catch (const std::filesystem::filesystem_error& error) {
    return report(file_error(error), output);
  } catch (const std::exception& error) {
    return report(base::Error(base::ErrorKind::failed, error.what()), output);
  }
}

int main_with(int argc, char** argv) {
  CLI::App app(
      "Trains, exports, runs and serves detectors; the same program in a pod and on a laptop.",
      "lotse-runner");
  Invocation invocation;
  app.require_subcommand(1);
  app.set_version_flag("--version", LOTSE_VERSION);
  add_mode<contract::TrainOptions>(app, "train", "train a detector", invocation);
  add_mode<contract::ExportOptions>(app, "export", "write a model that needs no code of its own",
                                    invocation);
  add_mode<contract::InferOptions>(app, "infer", "find objects in pictures", invocation);
  add_mode<contract::ServeOptions>(app, "serve", "answer over HTTP", invocation);
  add_mode<contract::BenchOptions>(app, "bench", "time warm predictions", invocation);
  add_mode<contract::InspectOptions>(app, "inspect", "tell what a model is", invocation);
  add_mode<contract::ForwardOptions>(app, "forward", "raw outputs of the heads, for comparisons",
                                     invocation);
  add_mode<contract::DatasetOptions>(app, "dataset", "make a data set", invocation);
  Files files;
  add_files(app, files);
  try {
    app.parse(argc, argv);
    if (!files.mode.empty()) return run_files(files);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? contract::exit_done : contract::exit_invalid;
  } catch (const base::Error& error) {
    Output output(Output::Form::plain);
    return report(error, output);
  }
  return run(invocation);
}

}  // namespace

}  // namespace lotse::cli::runner

int main(int argc, char** argv) {
  // First of all: process 1 of a container ignores every signal it does not handle.
  lotse::base::install_interrupt_handlers();
  return lotse::cli::runner::main_with(argc, argv);
}
