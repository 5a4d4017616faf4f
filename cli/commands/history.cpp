#include "action/history.h"

#include <algorithm>

#include "action/plan.h"
#include "base/error.h"
#include "base/strings.h"
#include "cli/commands/common.h"
#include "cli/commands/template_path.h"
#include "cli/output/changes.h"
#include "cli/output/table.h"
#include "contract/exit_code.h"

namespace lotse::cli {

namespace {

struct Options {
  Common common;
  std::string name;
  std::string from;  ///< numbers of revisions; "": see the help of diff
  std::string to;
  std::vector<std::filesystem::path> values_files;
  std::string template_folder;
};

nlohmann::json to_json(const release::Revision& revision, const action::History& history) {
  return {{"number", revision.number},
          {"current", revision.number == history.current},
          {"content", revision.content},
          {"cause", revision.cause},
          {"time", revision.time},
          {"template", {{"name", revision.template_name}, {"version", revision.template_version}}},
          {"values", revision.values}};
}

int show_history(const Options& options) {
  const auto target = announced_target(options.common);
  const auto history = action::look_up(*target, options.name).history;
  if (options.common.json()) {
    nlohmann::json all = nlohmann::json::array();
    for (const auto& revision : history.revisions) all.push_back(to_json(revision, history));
    print_answer({{"name", options.name}, {"unfinished", history.unfinished}, {"revisions", all}});
    return 0;
  }
  Table table({"REVISION", "AGE", "CONTENT", "TEMPLATE", "CAUSE"});
  for (const auto& revision : history.revisions)
    table.add({std::to_string(revision.number) + (revision.number == history.current ? "*" : ""),
               age_of(revision.time), revision.content,
               revision.template_name + " " + revision.template_version, revision.cause});
  print(table.text());
  if (history.unfinished)
    print("a command is writing revision " + std::to_string(history.current) + ", or died there\n");
  return 0;
}

/// The template that made a revision: a built-in one, else one that is found by its name.
tmpl::Template template_of(const release::Revision& revision, const Options& options) {
  if (!options.template_folder.empty()) return tmpl::load_template(options.template_folder);
  const auto& name = revision.template_name;
  const auto known = tmpl::builtin_names();
  const bool builtin = std::find(known.begin(), known.end(), name) != known.end();
  return tmpl::load_template(builtin ? name : chosen_template(name, ""));
}

/// Two revisions, or a revision and what values files make of its template.
std::vector<release::ObjectChange> between(action::Target& target, const Options& options) {
  const auto known = action::look_up(target, options.name).history;
  const auto revision = [&](const std::string& flag, const std::string& number) {
    return action::recorded(target, options.name, known,
                            number.empty() ? 0 : whole_number(flag, number))
        .revision;
  };
  const auto before = revision("--from", options.from);
  const auto after = options.values_files.empty()
                         ? revision("--to", options.to)
                         : action::with_values(target, options.name, before,
                                               template_of(before, options), options.values_files)
                               .revision;
  return release::changes({before.objects, before.content}, {after.objects, after.content});
}

/// What applying the current revision again would change.
std::vector<release::ObjectChange> drift(action::Target& target, const Options& options) {
  auto known = action::look_up(target, options.name);
  action::Change change;
  change.objects = action::objects_of(action::recorded(target, options.name, known.history, 0));
  change.seen = std::move(known.written);
  change.force = true;  // the fields that others took over are what is asked for
  return action::preview(target, options.name, change);
}

void check_diff(const Options& options) {
  if (!options.to.empty() && !options.values_files.empty())
    throw base::Error({{"--values", "does not go with --to", "leave one of them out"}});
  if (!options.template_folder.empty() && options.values_files.empty())
    throw base::Error({{"--template", "needs --values", "it says what renders the values"}});
}

int show_diff(const Options& options) {
  check_diff(options);
  const auto target = announced_target(options.common);
  const bool recorded =
      !options.from.empty() || !options.to.empty() || !options.values_files.empty();
  const auto changes = recorded ? between(*target, options) : drift(*target, options);
  const bool differs = std::any_of(changes.begin(), changes.end(), [](const auto& each) {
    return each.fate != release::Fate::unchanged;
  });
  if (options.common.json())
    print_answer({{"name", options.name}, {"changes", cli::to_json(changes)}});
  else
    print(cli::in_words(changes));
  return differs ? contract::exit_changes : contract::exit_done;
}

}  // namespace

Command history_command() {
  auto options = std::make_shared<Options>();
  Command command{"history", "the revisions of a workload", long_help("history")};
  command.flags = {output_flag(options->common)};
  for (auto& flag : place_flags(options->common)) command.flags.push_back(flag);
  command.positionals = {workload_argument(options->name)};
  command.run = [options] { return show_history(*options); };
  return command;
}

Command diff_command() {
  auto options = std::make_shared<Options>();
  Command command{"diff", "what differs between revisions, or from the cluster", long_help("diff")};
  Flag folder = text_flag("template", "DIR", "what renders the values; default: by its name",
                          options->template_folder);
  folder.complete = Complete::folder;
  command.flags = {text_flag("from", "N", "this revision; default: the current one", options->from),
                   text_flag("to", "N", "and this one; default: the current one", options->to),
                   values_flag(options->values_files,
                               "and what its template makes of these values, - for standard input"),
                   folder, output_flag(options->common)};
  for (auto& flag : place_flags(options->common)) command.flags.push_back(flag);
  command.positionals = {workload_argument(options->name)};
  command.run = [options] { return show_diff(*options); };
  return command;
}

}  // namespace lotse::cli
