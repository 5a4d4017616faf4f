#include "action/wait.h"

#include <set>

#include "base/log.h"
#include "base/strings.h"
#include "cli/commands/common.h"
#include "cli/output/table.h"

namespace lotse::cli {

namespace {

struct Options {
  Common common;
  std::string name;
  std::string what = "complete";
  std::string timeout;
  std::string give_up_after = "10m";
};

/// Tells each first cause once, while the wait goes on.
class Told {
 public:
  explicit Told(const Common& common) : common_(common) {}

  void show(const workload::State& seen) {
    base::log_debug(1, workload::to_string(seen.phase) + " " + seen.reason);
    if (seen.ended() || seen.causes.empty()) return;
    const auto code = seen.causes[0].code;
    if (told_.insert(code).second)
      say(common_, base::cat("waiting: ", code.kind().code, ": ", seen.reason, "\n"));
  }

 private:
  const Common& common_;
  std::set<workload::Code> told_;
};

int run_wait(const Options& options) {
  const auto target = announced_target(options.common);
  std::optional<std::chrono::seconds> timeout;
  if (!options.timeout.empty())
    timeout = std::chrono::seconds(seconds_of("--timeout", options.timeout));
  const auto what = options.what == "ready" ? action::WaitFor::ready : action::WaitFor::ended;
  std::optional<std::chrono::seconds> give_up_after;
  if (options.give_up_after != "0")
    give_up_after = std::chrono::seconds(seconds_of("--give-up-after", options.give_up_after));
  Told told(options.common);
  const auto state = action::wait(
      *target, options.name, what, timeout, [&](const workload::State& seen) { told.show(seen); },
      give_up_after);
  if (options.common.json()) {
    print_json(workload::to_json(state));
  } else {
    print(state.name + ": " + workload::to_string(state.phase) +
          (state.reason.empty() ? "" : ", " + state.reason) + "\n");
  }
  return action::exit_code_of(state);
}

}  // namespace

Command wait_command() {
  auto options = std::make_shared<Options>();
  Command command{"wait", "wait until a workload is complete or ready; passes its exit code on",
                  long_help("wait")};
  Flag what = text_flag("for", "WHAT", "what to wait for", options->what);
  what.choices = {"complete", "ready"};
  what.standard = "complete";
  Flag give_up = text_flag(
      "give-up-after", "TIME",
      "end (exit 124) once somebody else has had to act for so long: no node fits, a secret or an "
      "image is missing; 0 never does",
      options->give_up_after);
  give_up.standard = options->give_up_after;
  command.flags = {
      what, text_flag("timeout", "TIME", "give up after 30s, 5m, 2h (exit 124)", options->timeout),
      give_up, output_flag(options->common)};
  for (auto& flag : place_flags(options->common)) command.flags.push_back(flag);
  command.positionals = {workload_argument(options->name)};
  command.run = [options] { return run_wait(*options); };
  return command;
}

}  // namespace lotse::cli
