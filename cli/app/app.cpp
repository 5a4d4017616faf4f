#include "cli/app/app.h"

#include <algorithm>
#include <filesystem>

#include "action/supervise.h"
#include "base/error.h"
#include "base/files.h"
#include "base/output.h"
#include "cli/app/completion.h"
#include "cli/commands/common.h"
#include "cli/tree/help.h"
#include "cli/tree/parse.h"
#include "contract/exit_code.h"

namespace lotse::cli {

namespace {

using Words = std::vector<std::string>;

Positional text_argument(const std::string& name, const std::string& help,
                         const std::shared_ptr<std::string>& into) {
  Positional argument;
  argument.name = name;
  argument.help = help;
  argument.set = [into](const std::string& given) { *into = given; };
  return argument;
}

Command completion_command() {
  auto shell = std::make_shared<std::string>();
  Command command{"completion", "the completion script of a shell", long_help("completion")};
  command.positionals = {text_argument("shell", "which shell", shell)};
  command.positionals[0].choices = {"bash", "zsh", "fish"};
  command.run = [shell] {
    print(completion_script(command_tree({}, true), *shell));
    return 0;
  };
  return command;
}

Command complete_command() {
  auto what = std::make_shared<std::string>();
  auto words = std::make_shared<std::vector<std::string>>();
  Command command{"__complete", "names for completion", ""};
  command.hidden = true;
  Positional rest;
  rest.name = "words";
  rest.help = "what stands behind `lotse` on the line that is typed";
  rest.required = false;
  rest.repeats = true;
  rest.set = [words](const std::string& given) { words->push_back(given); };
  command.positionals = {text_argument("what", "workload, context, template or flags", what), rest};
  command.run = [what, words] {
    const auto names = *what == "flags" ? complete_flags(*words) : complete_names(*what, *words);
    for (const auto& name : names) print(name + "\n");
    return 0;
  };
  return command;
}

Command supervise_command() {
  auto folder = std::make_shared<std::string>();
  Command command{"__supervise", "carries out a local workload", ""};
  command.hidden = true;
  command.positionals = {text_argument("folder", "the workload's", folder)};
  command.run = [folder] { return action::supervise(*folder); };
  return command;
}

Command help_command() {
  auto words = std::make_shared<std::vector<std::string>>();
  Command command{"help", "what a command does and takes", ""};
  Positional argument;
  argument.name = "command";
  argument.help = "a command, e.g. train, or template render";
  argument.required = false;
  argument.repeats = true;
  argument.set = [words](const std::string& given) { words->push_back(given); };
  command.positionals = {argument};
  command.run = [words] {
    auto asked = *words;
    asked.emplace_back("--help");
    return run(asked);
  };
  return command;
}

struct Verb {
  const char* name;
  const char* help;
  std::vector<std::string> elsewhere;
};

const std::vector<Verb>& verbs() {
  static const std::vector<Verb> all = {
      {"train", "train a detector or a classifier", {"fit"}},
      {"val", "measure how good a model is", {"validate", "evaluate", "test"}},
      {"export", "write a model that needs no code of its own", {"convert"}},
      {"infer", "find objects in pictures, or say what they show", {"predict", "detect"}},
      {"serve", "answer over HTTP", {"deploy"}}};
  return all;
}

/// The first of the words, which goes from them; "" if there is none.
std::string take_first(Words& words) {
  if (words.empty()) return "";
  auto first = words[0];
  words.erase(words.begin());
  return first;
}

Command run_template(bool wanted, const Words& words, bool everything, bool plans) {
  return wanted || everything ? run_template_command(words, everything, plans)
                              : Command{"run", run_template_help(), ""};
}

/// `lotse plan VERB`, with the flags of the verb.
Command plan_command(const Command& root, const Words& arguments, bool everything) {
  Command plan{"plan", "what a verb would change, and what stands in its way", long_help("plan")};
  const auto found = std::find(arguments.begin(), arguments.end(), plan.name);
  const Words behind(found == arguments.end() ? found : found + 1, arguments.end());
  auto words = command_words(root, behind);
  const auto word = take_first(words);
  for (const auto& verb : verbs())
    plan.subcommands.push_back(
        run_command(verb.name, verb.help, everything || word == verb.name, behind, true));
  plan.subcommands.push_back(run_template(word == "run", words, everything, true));
  return plan;
}

/// They may stand before the command's name: parse() moves them behind it.
std::vector<Flag> leading_flags() {
  static Common ignored;
  return place_flags(ignored);
}

}  // namespace

Command command_tree(const std::vector<std::string>& arguments, bool everything) {
  Command root{"lotse",
               "Takes a model from training to serving, on Kubernetes and on this machine.", ""};
  root.flags = leading_flags();
  auto words = command_words(root, arguments);
  const auto word = take_first(words);
  for (const auto& verb : verbs()) {
    root.subcommands.push_back(
        run_command(verb.name, verb.help, everything || word == verb.name, arguments));
    root.subcommands.back().elsewhere = verb.elsewhere;
  }
  root.subcommands.push_back(run_template(word == "run", words, everything, false));
  root.subcommands.push_back(plan_command(root, word == "plan" ? arguments : Words{}, everything));
  for (auto make : {status_command,  why_command,      logs_command,         events_command,
                    wait_command,    list_command,     top_command,          history_command,
                    diff_command,    rollback_command, rerun_command,        scale_command,
                    stop_command,    start_command,    restart_command,      delete_command,
                    get_command,     gpus_command,     debug_bundle_command, exec_command,
                    connect_command, push_command,     fetch_command,        template_command,
                    context_command, image_command,    version_command,      completion_command,
                    help_command,    complete_command, supervise_command})
    root.subcommands.push_back(make());
  return root;
}

int run(const std::vector<std::string>& given) {
  try {
    auto arguments = given;
    if (arguments == std::vector<std::string>{"--version"}) arguments = {"version"};
    const Command root = command_tree(arguments);
    const Parsed parsed = parse(root, arguments);
    if (parsed.help) {
      print(help_text(*parsed.command, parsed.path));
      return contract::exit_done;
    }
    const int code = parsed.command->run();
    return code == contract::exit_done && base::output_failed() ? contract::exit_failed : code;
  } catch (const base::Error& error) {
    print_error(error.what(), error.hint());
    return contract::exit_code(error.kind());
  } catch (const std::filesystem::filesystem_error& failure) {
    const auto error = base::to_error(failure);
    print_error(error.what(), error.hint());
    return contract::exit_code(error.kind());
  } catch (const std::exception& error) {
    print_error(error.what(), "");
    return contract::exit_failed;
  }
}

}  // namespace lotse::cli
