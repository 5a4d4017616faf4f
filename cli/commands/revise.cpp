// What changes a workload that is there: rollback, rerun, scale, stop, start.
#include "action/manage.h"
#include "action/plan.h"
#include "action/scheduled.h"
#include "base/error.h"
#include "base/strings.h"
#include "cli/commands/common.h"
#include "cli/output/changes.h"

namespace lotse::cli {

namespace {

struct Options {
  Common common;
  std::string name;
  std::string number;  ///< --to of rollback, --replicas of scale
  std::string least;   ///< --min of scale
  bool unrecorded = false;
  bool dry_run = false;
  action::SubmitOptions submit;
};

using Shared = std::shared_ptr<Options>;

Command command_of(const Shared& options, const std::string& name, const std::string& help) {
  Command command{name, help, long_help(name)};
  command.flags = {
      switch_flag("dry-run", "say what would change, and change nothing", options->dry_run),
      switch_flag("force-conflicts", "take fields that other field managers own, in a cluster",
                  options->submit.force_conflicts),
      output_flag(options->common)};
  for (auto& flag : place_flags(options->common)) command.flags.push_back(flag);
  command.positionals = {workload_argument(options->name)};
  return command;
}

int show_preview(const Options& options, const std::vector<release::ObjectChange>& changes) {
  if (options.common.json())
    print_answer({{"name", options.name}, {"changes", to_json(changes)}});
  else
    print(in_words(changes));
  return 0;
}

int show_done(const Options& options, const std::string& text, const nlohmann::json& answer) {
  if (options.common.json())
    print_answer(answer);
  else
    print(text + "\n");
  return 0;
}

/// Applies a revision, or says what that would do.
int submit(const Options& options, action::Target& target, const action::Prepared& prepared) {
  if (options.dry_run) {
    const auto plan = action::plan(target, prepared, options.submit);
    for (const auto& obstacle : plan.obstacles) print_error(obstacle_line(obstacle), "");
    return show_preview(options, plan.changes);
  }
  const auto submitted = action::submit(target, prepared, options.submit);
  const bool unchanged = submitted.unchanged || submitted.attached;
  const auto text = base::cat(options.name, ": ", prepared.revision.cause, ", revision ",
                              submitted.number, unchanged ? ", unchanged" : "");
  return show_done(options, text, to_json(submitted, prepared));
}

/// Stops or starts, or says what that would do.
int set(const Options& options, bool runs) {
  const auto target = announced_target(options.common);
  if (options.dry_run)
    return show_preview(options,
                        action::preview_running(*target, options.name, runs, options.submit));
  const auto applied = action::set_running(*target, options.name, runs, options.submit);
  const bool unchanged = applied == action::Applied::unchanged;
  const std::string done = runs ? "started" : "stopped";
  return show_done(options, options.name + ": " + (unchanged ? "unchanged" : done),
                   {{"name", options.name}, {"unchanged", unchanged}});
}

/// What a schedule's CronJob runs: it needs the right to patch one object and no other.
int set_number(const Options& options, action::Target& target, bool least, int64_t number) {
  if (options.dry_run)
    throw base::Error(base::ErrorKind::invalid, "--dry-run and --unrecorded exclude each other",
                      "what --unrecorded does is to set that number");
  action::set_count(target, least ? "HorizontalPodAutoscaler" : "Deployment", options.name, number);
  return show_done(options,
                   base::cat(options.name, ": ", least ? "at least " : "", number, " pods"),
                   {{"name", options.name}, {least ? "min" : "replicas", number}});
}

int scale(const Options& options) {
  const bool least = !options.least.empty();
  if (least != options.number.empty())
    throw base::Error(
        base::ErrorKind::invalid,
        least ? "--replicas and --min exclude each other" : "--replicas is missing",
        "lotse scale NAME --replicas 3, or --min 3 where an autoscaler sets the number");
  const auto number =
      least ? whole_number("--min", options.least) : whole_number("--replicas", options.number);
  const auto target = announced_target(options.common);
  if (options.unrecorded) return set_number(options, *target, least, number);
  return submit(options, *target,
                least ? action::scale_least(*target, options.name, number)
                      : action::scale(*target, options.name, number));
}

Flag replace_flag(const Shared& options, const std::string& help) {
  return switch_flag("replace", help, options->submit.replace);
}

}  // namespace

Command rollback_command() {
  auto options = std::make_shared<Options>();
  auto command = command_of(options, "rollback", "bring an earlier revision back");
  command.flags.push_back(
      text_flag("to", "N", "this revision; default: the one before", options->number));
  command.flags.push_back(replace_flag(options, "end the run that goes on"));
  command.elsewhere = {"undo", "revert"};
  command.run = [options] {
    const auto target = announced_target(options->common);
    const auto number = options->number.empty() ? 0 : whole_number("--to", options->number);
    return submit(*options, *target, action::rollback(*target, options->name, number));
  };
  return command;
}

Command rerun_command() {
  auto options = std::make_shared<Options>();
  auto command = command_of(options, "rerun", "run the same again");
  command.flags.push_back(replace_flag(options, "end it first if it still runs"));
  command.run = [options] {
    const auto target = announced_target(options->common);
    options->submit.rerun = true;
    return submit(*options, *target, action::rerun(*target, options->name));
  };
  return command;
}

Command scale_command() {
  auto options = std::make_shared<Options>();
  auto command = command_of(options, "scale", "set the number of a service's pods");
  command.flags.push_back(text_flag("replicas", "N", "so many pods", options->number));
  command.flags.push_back(text_flag(
      "min", "N", "at least so many pods, where an autoscaler sets their number", options->least));
  command.flags.push_back(
      switch_flag("unrecorded", "set the number and nothing else, as a schedule does: no revision",
                  options->unrecorded));
  command.run = [options] { return scale(*options); };
  return command;
}

Command stop_command() {
  auto options = std::make_shared<Options>();
  auto command = command_of(options, "stop", "pause a workload: it keeps everything but its pods");
  command.elsewhere = {"suspend", "pause"};
  command.run = [options] { return set(*options, false); };
  return command;
}

Command start_command() {
  auto options = std::make_shared<Options>();
  auto command = command_of(options, "start", "go on with a workload that was stopped");
  command.elsewhere = {"resume", "unpause"};
  command.run = [options] { return set(*options, true); };
  return command;
}

}  // namespace lotse::cli
