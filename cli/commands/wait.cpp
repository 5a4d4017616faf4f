#include "action/wait.h"

#include <set>

#include "base/log.h"
#include "base/strings.h"
#include "cli/commands/common.h"

namespace lotse::cli {

namespace {

struct Options {
  Common common;
  std::string name;
  std::string what = "complete";
  PatienceGiven patience;
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
  const auto what = options.what == "ready" ? action::WaitFor::ready : action::WaitFor::ended;
  Told told(options.common);
  const auto state = action::wait(*target, options.name, what, options.patience.patience(),
                                  [&](const workload::State& seen) { told.show(seen); });
  if (options.common.json()) {
    print_answer(workload::to_json(state));
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
  command.flags = {what};
  for (auto& flag : options->patience.flags()) command.flags.push_back(flag);
  command.flags.push_back(output_flag(options->common));
  for (auto& flag : place_flags(options->common)) command.flags.push_back(flag);
  command.positionals = {workload_argument(options->name)};
  command.run = [options] { return run_wait(*options); };
  return command;
}

}  // namespace lotse::cli
