#include "action/status.h"
#include "base/error.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "base/strings.h"
#include "cli/commands/common.h"
#include "cli/output/event_line.h"
#include "cli/output/progress.h"
#include "cli/output/table.h"
#include "contract/exit_code.h"

#include <unistd.h>

namespace lotse::cli {

namespace {

struct Options {
  Common common;
  std::string name;
  bool follow = false;
  bool previous = false;
  bool timestamps = false;
  std::string rank;
  std::string attempt;
  std::string tail;
  std::string since;
};

action::LogOptions log_options(const Options& options) {
  action::LogOptions wanted;
  wanted.follow = options.follow;
  wanted.previous = options.previous;
  if (!options.rank.empty()) wanted.rank = whole_number("--rank", options.rank);
  if (!options.attempt.empty()) wanted.attempt = whole_number("--attempt", options.attempt);
  if (!options.tail.empty()) wanted.tail = whole_number("--tail", options.tail);
  if (!options.since.empty()) wanted.since = time_before(options.since);
  return wanted;
}

/// "[1] " by rank, "[1 attempt 2] " for the second pod of it, "[NAME-abc] " for a pod without one,
/// "[1/CONTAINER] " where a pod has several; in the rank's colour on a terminal.
std::string prefix_of(const action::LogLine& line, bool coloured) {
  static constexpr const char* colours[] = {"36", "33", "32", "35", "34", "31"};
  const auto container = line.container.empty() ? "" : "/" + line.container;
  const auto attempt = line.attempt > 1 ? base::cat(" attempt ", line.attempt) : "";
  auto who = "[" + (line.rank ? base::cat(*line.rank) : line.pod) + attempt + container + "] ";
  if (!coloured) return who;
  const auto which =
      line.rank ? static_cast<size_t>(*line.rank) : std::hash<std::string>{}(line.pod);
  return std::string("\x1b[") + colours[which % std::size(colours)] + "m" + who + "\x1b[0m";
}

/// Whose log is not there, and why: silence would say that nothing was printed. Of a pod that is
/// about to start nothing is said to who waits for it.
void tell_what_is_missing(const workload::State& state, const action::LogOptions& wanted) {
  const auto why =
      workload::to_string(state.phase) + (state.reason.empty() ? "" : ": " + state.reason);
  if (state.object.empty())
    throw base::Error(
        base::ErrorKind::not_found,
        "the pods of '" + state.name + "' are gone, and their logs with them (" + why + ")");
  if (state.pods.empty()) base::log_warning("there is no pod yet; " + why);
  for (const auto& pod : state.pods)
    if (pod.phase == "Pending" && (!wanted.rank || pod.rank == wanted.rank) &&
        (!wanted.follow || !pod.cause.evidence.empty()))
      base::log_warning("pod/" + pod.name + " has not started" +
                        (pod.cause.evidence.empty() ? "" : ": " + pod.cause.evidence));
}

int run_logs(const Options& options) {
  const auto wanted = log_options(options);
  const auto target = make_target(options.common.place);  // not announced: the output is the logs'
  tell_what_is_missing(action::status(*target, options.name), wanted);
  const bool coloured = ::isatty(STDOUT_FILENO) != 0;
  Progress out(options.common.json(), false);
  target->follow_logs(
      options.name, wanted,
      [&](const action::LogLine& line) {
        const std::string time = options.timestamps && !line.time.empty() ? line.time + " " : "";
        out.line(options.common.json() ? event_line(line) : line.text,
                 prefix_of(line, coloured) + time);
      },
      [] { return false; });
  return base::interrupted() ? contract::exit_interrupted : contract::exit_done;
}

}  // namespace

Command logs_command() {
  auto options = std::make_shared<Options>();
  Command command{"logs", "what the pods print, all ranks, each line with its rank",
                  long_help("logs")};
  Flag follow = switch_flag("follow", "go on until the workload has ended", options->follow);
  follow.letter = 'f';
  command.flags = {
      follow,
      text_flag("rank", "N", "only this rank's pod", options->rank),
      text_flag("attempt", "N", "only the N-th pod of each rank: 1 is the first", options->attempt),
      text_flag("tail", "N", "only the last N lines of each pod", options->tail),
      text_flag("since", "TIME", "only from then on: 30s, 5m, 2h, or 2026-11-24T04:13:37Z",
                options->since),
      switch_flag("previous", "of the container before its last restart", options->previous),
      switch_flag("timestamps", "the time before each line", options->timestamps),
      output_flag(options->common)};
  for (auto& flag : place_flags(options->common)) command.flags.push_back(flag);
  command.positionals = {workload_argument(options->name)};
  command.run = [options] { return run_logs(*options); };
  return command;
}

}  // namespace lotse::cli
