#include "action/wait.h"

#include "action/status.h"
#include "base/error.h"
#include "base/interrupt.h"
#include "base/strings.h"
#include "contract/exit_code.h"

namespace lotse::action {

namespace {

using workload::Phase;
using workload::State;

bool is_over(const State& state, WaitFor what) {
  if (state.ended()) return true;
  if (what == WaitFor::ended) return false;
  return state.phase == Phase::ready || state.phase == Phase::running;
}

std::string in_words(const State& state) {
  return workload::to_string(state.phase) + (state.reason.empty() ? "" : ": " + state.reason);
}

}  // namespace

State wait(Target& target, const std::string& name, WaitFor what,
           std::optional<std::chrono::seconds> timeout,
           const std::function<void(const State&)>& seen) {
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  std::string token;
  std::string last;
  while (true) {
    State state = status(target, name);
    if (what == WaitFor::ended && state.long_running && state.phase != Phase::failed)
      throw base::Error(base::ErrorKind::invalid, "'" + name + "' serves and never completes",
                        "wait --for ready");
    const auto now = base::cat(in_words(state), state.ready);
    if (seen && now != last) seen(state);
    last = now;
    if (is_over(state, what)) return state;
    if (state.phase == Phase::lost || state.phase == Phase::stopped)
      throw base::Error(base::ErrorKind::failed, "'" + name + "' does not run: " + in_words(state),
                        "the same command with --name " + name + " starts it again");
    std::chrono::milliseconds left(5000);
    if (timeout) {
      const auto rest = *timeout - (Clock::now() - start);
      if (rest <= Clock::duration::zero())
        throw base::Error(
            base::ErrorKind::timeout,
            base::cat("'", name, "' is not ", what == WaitFor::ready ? "ready" : "complete",
                      " after ", timeout->count(), " s; ", in_words(state)));
      left = std::min(left, std::chrono::ceil<std::chrono::milliseconds>(rest));
    }
    target.wait_change(name, token, left);
    base::throw_if_interrupted();
  }
}

int exit_code_of(const State& state) {
  if (state.phase == Phase::failed) return state.exit_code.value_or(contract::exit_failed);
  return contract::exit_done;
}

}  // namespace lotse::action
