#include "action/exec.h"

#include <unistd.h>

#include <optional>

#include "base/error.h"
#include "cli/commands/common.h"
#include "cli/output/terminal.h"

namespace lotse::cli {

namespace {

struct Options {
  Common common;
  std::string name;
  std::string rank;
  bool input = false;
  bool terminal = false;
  action::ExecOptions exec;
};

int run_exec(Options& options) {
  if (!options.rank.empty()) options.exec.pod.rank = whole_number("--rank", options.rank);
  const bool terminal = options.terminal && ::isatty(STDIN_FILENO) != 0;
  if (options.terminal && !terminal)
    throw base::Error(base::ErrorKind::invalid, "-t needs a terminal, and standard input is none",
                      "leave -t out to pipe into the command");
  const auto target =
      make_target(options.common.place);  // not announced: the output is the command's
  options.exec.terminal = terminal;
  action::ExecEnds ends;
  ends.input = options.input || terminal ? STDIN_FILENO : -1;
  std::optional<RawTerminal> raw;
  if (terminal) {
    raw.emplace(STDIN_FILENO);
    ends.resized = raw->resized();
    ends.size = [] { return terminal_size(STDIN_FILENO); };
  }
  return action::exec(*target, options.name, options.exec, ends);
}

}  // namespace

Command exec_command() {
  auto options = std::make_shared<Options>();
  Command command{"exec", "run a command in a pod of a workload", long_help("exec")};
  Flag input = switch_flag("stdin", "pass standard input on", options->input);
  input.letter = 'i';
  Flag terminal = switch_flag("tty", "give the command a terminal; standard input goes with it",
                              options->terminal);
  terminal.letter = 't';
  Flag container =
      text_flag("container", "NAME", "container; default: the first", options->exec.container);
  container.letter = 'c';
  command.flags = {input, terminal, container,
                   text_flag("rank", "N", "the pod of this rank", options->rank),
                   text_flag("pod", "POD", "this pod; default: a ready one, the lowest rank",
                             options->exec.pod.pod)};
  for (auto& flag : place_flags(options->common)) command.flags.push_back(flag);
  Positional words;
  words.name = "command";
  words.help = "the program and its arguments, behind --";
  words.repeats = true;
  words.foreign = true;
  words.set = [options](const std::string& word) { options->exec.command.push_back(word); };
  command.positionals = {workload_argument(options->name), words};
  command.run = [options] { return run_exec(*options); };
  return command;
}

}  // namespace lotse::cli
