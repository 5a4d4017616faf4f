#include <algorithm>

#include "base/error.h"
#include "cli/commands/common.h"
#include "cli/commands/template_path.h"
#include "cli/tree/parse.h"

namespace lotse::cli {

namespace {

using Words = std::vector<std::string>;

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

/// The template `reference` as a subcommand that runs it under the name by which it was called.
Command runs(const std::string& name, const std::string& reference,
             const std::shared_ptr<Common>& place, const std::shared_ptr<std::string>& path,
             bool plans) {
  auto from = tmpl::load_template(reference);
  Command command{name, first_line(from.info.help), from.info.help};
  command =
      workload_command(std::move(command), std::move(from), OwnTemplate::named_already, plans);
  Flag flag = template_path_flag(*path);
  flag.group = "Run";
  flag.set = [place, path](const std::string& given) { *path = given; };
  command.flags.push_back(flag);
  return command;
}

/// A template that cannot be read is shown, too: who runs it is told what is wrong.
std::string help_of(const tmpl::Candidate& one) {
  try {
    return first_line(tmpl::load_template(one.reference()).info.help);
  } catch (const base::Error&) {
    return "is broken: `lotse template lint " + one.name + "` says why";
  }
}

bool has(const Command& command, const std::string& name) {
  return std::any_of(command.subcommands.begin(), command.subcommands.end(),
                     [&](const Command& sub) { return sub.name == name; });
}

}  // namespace

std::string run_template_help() {
  return "run a template: any container, to its end or as a service";
}

Command run_template_command(const Words& words, bool all, bool plans) {
  auto common = std::make_shared<Common>();
  auto path = std::make_shared<std::string>();
  Command command{"run", run_template_help(), long_help("run")};
  command.flags = place_flags(*common);
  command.noun = "template";
  Flag flag = template_path_flag(*path);
  flag.set = [common, path](const std::string& given) { *path = given; };
  command.flags.push_back(flag);
  const auto given_path = value_of_flag("--template-path", words);
  const auto rest = command_words(command, words);
  if (!all && !rest.empty() && rest[0][0] != '-') {
    command.subcommands = {
        runs(rest[0], chosen_template(rest[0], given_path), common, path, plans)};
    return command;
  }
  for (const auto& one : tmpl::candidates(all ? std::vector<std::filesystem::path>{}
                                              : template_folders(given_path))) {
    if (has(command, one.name)) continue;
    const bool verb = one.folder.empty() && !tmpl::load_template(one.name).info.mode.empty();
    if (all && verb) continue;
    command.subcommands.push_back(all ? runs(one.name, one.name, common, path, plans)
                                      : Command{one.name, help_of(one), ""});
  }
  return command;
}

}  // namespace lotse::cli
