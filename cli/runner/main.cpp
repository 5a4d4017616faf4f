#include <dlfcn.h>
#include <mimalloc.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <iostream>

#include "base/files.h"
#include "base/interrupt.h"
#include "base/output.h"
#include "base/process.h"
#include "base/strings.h"
#include "cli/runner/files.h"
#include "cli/runner/flags.h"
#include "cli/runner/launch.h"
#include "cli/runner/modes.h"
#include "cli/runner/scan.h"
#include "cli/tree/help.h"
#include "cli/tree/parse.h"
#include "contract/environment.h"
#include "contract/exit_code.h"
#include "contract/file_reference.h"
#include "contract/needs.h"

namespace lotse::cli::runner {

namespace {

using contract::RunConfiguration;
using nlohmann::json;

struct Invocation {
  std::vector<std::string> arguments;
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
  merged.update(configuration.options);  // flags override the file
  configuration.options = std::move(merged);
}

/// libgomp's threads wait for each other by spinning, milliseconds long. Where something else uses
/// the cores too (another rank, another container), or a CPU limit counts the spinning, that makes
/// predictions many times slower; a tenth of that is enough where nothing does. libgomp reads
/// this when it is loaded.
void limit_spinning() {
  if (std::getenv("OMP_WAIT_POLICY") == nullptr) ::setenv("GOMP_SPINCOUNT", "10000", 0);
}

/// Memory that is free goes back to the kernel after 10 s, not after the allocator's 25 ms: where a
/// prediction or a training step takes longer than that, each would meet its memory (43 MB, 108 MB)
/// as fresh pages, and spend a quarter of its time on them. MIMALLOC_DECOMMIT_DELAY (ms) takes
/// precedence.
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
    std::cerr << "lotse-runner: " << base::printable_lines(error.what()) << "\n";
    if (!error.hint().empty()) std::cerr << "  " << base::printable_lines(error.hint()) << "\n";
  }
  return code;
}

/// The exit code of `work`, whose errors are reported.
int guarded(Output& output, const std::function<int()>& work) {
  const auto code = [&] {
    try {
      return work();
    } catch (const base::Error& error) {
      return report(error, output);
    } catch (const std::filesystem::filesystem_error& error) {
      return report(base::to_error(error), output);
    } catch (const std::exception& error) {
      return report(base::Error(base::ErrorKind::failed, error.what()), output);
    }
  }();
  return code == contract::exit_done && output.failed() ? contract::exit_failed : code;
}

int run(const Invocation& invocation) {
  const char* events = std::getenv(contract::environment::events);
  const bool json = invocation.json_output || (events != nullptr && std::string(events) == "json");
  Output output(Output::choose_form(json));
  return guarded(output, [&] {
    const int processes = processes_to_start(invocation.configuration.mode);
    if (processes > 1) return launch(invocation.arguments, processes, output);
    return load_modes()(invocation.configuration, output);
  });
}

template <class Options>
Command mode_command(const std::string& name, const char* help, Invocation& invocation) {
  Command mode{name.substr(name.rfind(' ') + 1), help, ""};
  bind_flags<Options>(mode, invocation.configuration.options);
  auto file = std::make_shared<std::string>();
  Flag config;
  config.name = "config";
  config.value = "FILE";
  config.help = "run configuration (JSON); flags override it";
  config.set = [file](const std::string& given) { *file = given; };
  Flag form;
  form.name = "output-format";
  form.letter = 'o';
  form.value = "FORM";
  form.help = "lines for people, or JSON lines";
  form.choices = {"text", "json"};
  form.standard = "text";
  form.set = [&invocation](const std::string& given) { invocation.json_output = given == "json"; };
  mode.flags.insert(mode.flags.end(), {config, form});
  mode.run = [&invocation, name, file] {
    invocation.configuration.mode = name;
    if (!file->empty()) read_configuration_file(*file, invocation.configuration);
    contract::options_from_json<Options>(invocation.configuration.options, "");
    contract::check_needs(name, invocation.configuration.options);
    return run(invocation);
  };
  return mode;
}

Command command_tree(Invocation& invocation) {
  Command root{
      "lotse-runner",
      "Trains, exports, runs and serves models; the same program in a pod and on a laptop.", ""};
  const auto add = [&root](Command command) { root.subcommands.push_back(std::move(command)); };
  add(mode_command<contract::TrainOptions>("train", "train a detector or a classifier",
                                           invocation));
  add(mode_command<contract::ValOptions>("val", "measure how good a model is", invocation));
  add(mode_command<contract::ExportOptions>("export", "write a model that needs no code of its own",
                                            invocation));
  add(mode_command<contract::InferOptions>(
      "infer", "find objects in pictures, or say what they show", invocation));
  add(mode_command<contract::ServeOptions>("serve", "answer over HTTP", invocation));
  add(mode_command<contract::BenchOptions>("bench", "time warm predictions", invocation));
  add(mode_command<contract::InspectOptions>("inspect", "tell what a model is", invocation));
  add(mode_command<contract::ForwardOptions>("forward", "raw outputs of the heads, for comparisons",
                                             invocation));
  Command dataset{"dataset", "look through a data set, or make one", ""};
  dataset.subcommands = {
      mode_command<contract::CheckOptions>(
          "dataset check",
          "every bad picture and label, and what training does with it; exit 1 where there is any",
          invocation),
      mode_command<contract::ConvertOptions>(
          "dataset convert", "label files out of COCO's JSON or NDJSON", invocation),
      mode_command<contract::SplitOptions>(
          "dataset split", "lists of pictures to train, validate and test on", invocation),
      mode_command<contract::ShapesOptions>("dataset shapes", "draw one: circles, squares, stars",
                                            invocation)};
  add(dataset);
  add(files_command());
  add(scan_command());
  return root;
}

int run_command_line(const std::vector<std::string>& arguments, Output& output) {
  if (arguments == std::vector<std::string>{"--version"}) {
    output.print_document(LOTSE_VERSION "\n", LOTSE_VERSION);
    return contract::exit_done;
  }
  Invocation invocation{arguments, {}, false};
  const Command root = command_tree(invocation);
  const Parsed parsed = parse(root, arguments);
  if (!parsed.help) return parsed.command->run();
  output.print_document(help_text(*parsed.command, parsed.path), {});
  return arguments.empty() ? contract::exit_invalid : contract::exit_done;
}

}  // namespace

int main_with(int argc, char** argv) {
  Output output(Output::Form::plain);
  return guarded(output, [&] { return run_command_line({argv + 1, argv + argc}, output); });
}

}  // namespace lotse::cli::runner

int main(int argc, char** argv) {
  // First of all: process 1 of a container ignores every signal it does not handle.
  lotse::base::reserve_standard_streams();
  lotse::base::install_interrupt_handlers(lotse::base::Hangup::interrupts);
  return lotse::cli::runner::main_with(argc, argv);
}
