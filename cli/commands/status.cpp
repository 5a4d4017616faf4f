#include "action/status.h"

#include "action/wait.h"
#include "base/interrupt.h"
#include "base/strings.h"
#include "cli/commands/common.h"
#include "cli/output/table.h"

namespace lotse::cli {

namespace {

struct Options {
  Common common;
  std::string name;
  bool watch = false;
};

std::string pods_table(const workload::State& state) {
  Table table({"POD", "RANK", "PHASE", "READY", "RESTARTS", "EXIT", "AGE", "REASON"});
  for (const auto& pod : state.pods)
    table.add({pod.name, pod.rank ? base::cat(*pod.rank) : "-", pod.phase, pod.ready ? "yes" : "no",
               base::cat(pod.restarts), pod.exit_code ? base::cat(*pod.exit_code) : "-",
               age_of(pod.started), pod.cause.evidence});
  return table.text();
}

/// With its age where nothing came after it.
std::string in_words(const workload::Progress& progress) {
  const auto age = age_of(progress.time);
  return progress.message + (age.empty() || age == "0s" ? "" : "  (" + age + " ago)");
}

std::string in_words(const workload::State& state) {
  std::string text =
      base::cat(state.name, ": ", workload::to_string(state.phase), ", ", state.ready, "/",
                state.wanted, state.long_running ? " ready" : " running or done");
  if (state.revision > 0) text += base::cat(", revision ", state.revision);
  if (state.exit_code && state.phase == workload::Phase::failed)
    text += base::cat(", exit ", *state.exit_code);
  text += "\n";
  if (!state.reason.empty()) text += "  " + state.reason + "\n";
  if (state.progress) text += "  " + in_words(*state.progress) + "\n";
  for (const auto& url : state.urls) text += "  " + url + "\n";
  if (!state.pods.empty()) text += "\n" + pods_table(state);
  return text;
}

void show(const Options& options, const workload::State& state) {
  if (options.common.json())
    print_answer_line(workload::to_json(state));
  else
    print(in_words(state));
}

int run_list(const Common& common, action::Target& target) {
  const auto states = action::list(target);
  if (common.json()) {
    nlohmann::json all = nlohmann::json::array();
    for (const auto& state : states) all.push_back(workload::to_json(state));
    print_answer({{"workloads", all}});
  } else if (common.output == "name") {
    for (const auto& state : states) print(state.name + "\n");
  } else if (states.empty()) {
    print("no workloads\n");
  } else {
    Table table({"NAME", "KIND", "PHASE", "READY", "AGE", "REASON"});
    for (const auto& state : states)
      table.add({state.name, state.kind, workload::to_string(state.phase),
                 base::cat(state.ready, "/", state.wanted), age_of(state.created), state.reason});
    print(table.text());
  }
  return 0;
}

int list_orphans(const Common& common, action::Target& target) {
  const auto orphans = target.orphans();
  nlohmann::json all = nlohmann::json::array();
  Table table({"CLAIM", "OF", "SIZE", "AGE", "TO DELETE IT"});
  for (const auto& each : orphans) {
    all.push_back({{"claim", each.claim},
                   {"workload", each.workload},
                   {"size", each.size},
                   {"created", each.created}});
    table.add({each.claim, each.workload, each.size, age_of(each.created),
               each.workload.empty() ? "kubectl delete pvc " + each.claim  // `lotse push` made it
                                     : "lotse delete " + each.workload + " --purge-data"});
  }
  if (common.json())
    print_answer({{"orphans", all}});
  else if (common.output == "name")
    for (const auto& each : orphans) print(each.claim + "\n");
  else
    print(orphans.empty() ? "no claims are left behind\n" : table.text());
  return 0;
}

int run_status(const Options& options) {
  const auto target = announced_target(options.common);
  if (options.name.empty()) return run_list(options.common, *target);
  if (!options.watch) {
    auto state = action::status(*target, options.name);
    state.progress = action::progress(*target, state);
    if (options.common.json())
      print_answer(workload::to_json(state));
    else
      show(options, state);
    return 0;
  }
  const auto show_it = [&](workload::State state) {
    state.progress = action::progress(*target, state);
    show(options, state);
  };
  const auto now = action::status(*target, options.name);
  const auto what = now.long_running ? action::WaitFor::ready : action::WaitFor::ended;
  action::wait(*target, options.name, what, {}, show_it);
  return 0;
}

}  // namespace

Command status_command() {
  auto options = std::make_shared<Options>();
  Command command{"status", "how a workload stands, and why", long_help("status")};
  command.flags = {
      output_flag(options->common),
      switch_flag("watch", "print each change until it has ended or is ready", options->watch)};
  for (auto& flag : place_flags(options->common)) command.flags.push_back(flag);
  command.positionals = {workload_argument(options->name)};
  command.positionals[0].required = false;
  command.elsewhere = {"describe"};
  command.run = [options] { return run_status(*options); };
  return command;
}

Command list_command() {
  auto common = std::make_shared<Common>();
  auto orphans = std::make_shared<bool>(false);
  Command command{"list", "all workloads", long_help("list")};
  command.flags = {
      switch_flag("orphans", "claims of workloads that are gone: their data is still there",
                  *orphans),
      output_flag(*common, {"text", "json", "name"})};
  for (auto& flag : place_flags(*common)) command.flags.push_back(flag);
  command.elsewhere = {"ls", "ps"};
  command.run = [common, orphans] {
    const auto target = announced_target(*common);
    return *orphans ? list_orphans(*common, *target) : run_list(*common, *target);
  };
  return command;
}

}  // namespace lotse::cli
