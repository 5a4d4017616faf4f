#include "action/wait.h"

#include "action/status.h"
#include "base/error.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "base/strings.h"
#include "contract/exit_code.h"
#include "object/member.h"

namespace lotse::action {

namespace {

using workload::Phase;
using workload::State;

bool is_over(const State& state, WaitFor what) {
  if (state.ended()) return true;
  if (what == WaitFor::ended) return false;
  return state.phase == Phase::ready || state.phase == Phase::running ||
         state.phase == Phase::idle;  // as its autoscaler wants it
}

std::string in_words(const State& state) {
  return workload::to_string(state.phase) + (state.reason.empty() ? "" : ": " + state.reason);
}

/// Asks for the state, and rides out what keeps the server from answering once it was seen: a
/// cluster that is being updated must not end a wait.
class Asking {
 public:
  Asking(Target& target, const std::string& name) : target_(target), name_(name) {}

  /// Nothing while the server does not answer, after a pause. Throws as `status` does.
  std::optional<State> state() {
    std::optional<State> state;
    ride_out([&] {
      const auto objects = snapshot_of(target_, name_);
      const json* anchor = objects.find("ConfigMap", name_);
      anchor_ = anchor == nullptr ? json() : *anchor;
      state = workload::state_of(name_, objects);
    });
    if (state && away_) base::log_warning("the server answers again");
    if (state) away_ = false;
    return state;
  }

  const json& anchor() const { return anchor_; }  ///< of the last state; null if it had none

  void wait_change(std::chrono::milliseconds timeout) {
    ride_out([&] { target_.wait_change(name_, token_, timeout); });
    base::throw_if_interrupted();
  }

 private:
  template <class Work>
  void ride_out(Work work) {
    constexpr std::chrono::milliseconds pause{1000};
    try {
      work();
      seen_ = true;
      return;
    } catch (const base::Error& error) {
      if (error.kind() != base::ErrorKind::unreachable || !seen_) throw;
      if (!away_) base::log_warning(std::string(error.what()) + "; waiting for it");
      away_ = true;
    }
    base::wait_interruptible(pause);
    base::throw_if_interrupted();
  }

  Target& target_;
  const std::string& name_;
  std::string token_;
  json anchor_;
  bool seen_ = false;
  bool away_ = false;
};

/// Keeps how a run ended in its anchor, for when its Job is gone; the next submission takes that
/// away. Locally Jobs stay. Who may not write it, or was outrun, waited all the same.
void record_result(Target& target, const json& anchor, const State& state) {
  if (target.is_local() || state.long_running || anchor.is_null()) return;
  const auto annotation = [&](const char* name) {
    return object::text_at(anchor, {"metadata", "annotations", name});
  };
  const auto result = workload::result_of(state, annotation(workload::annotation_revision));
  if (annotation(workload::annotation_result) == result) return;
  try {
    target.patch(state.name, anchor,
                 {{"metadata",
                   {{"resourceVersion", object::at(anchor, {"metadata", "resourceVersion"})},
                    {"annotations", {{workload::annotation_result, result}}}}}});
  } catch (const base::Error& error) {
    if (error.kind() == base::ErrorKind::interrupted) throw;
    base::log_debug(1, std::string("the result is not kept: ") + error.what());
  }
}

using Clock = std::chrono::steady_clock;

/// Between two revisions, and while a workload is being made, there is no Job for a moment.
class Absence {
 public:
  /// Throws Error(not_found) once it has lasted too long.
  void check(const State& state) {
    constexpr std::chrono::seconds longest{5};
    const bool first = !suspected_;
    suspected_ = state.phase == Phase::gone;
    if (first) since_ = Clock::now();
    if (!suspected_ || Clock::now() - since_ < longest) return;
    throw base::Error(base::ErrorKind::not_found,
                      "nothing is known of how '" + state.name + "' ended: " + state.reason,
                      "the same command with --name " + state.name + " runs it again");
  }
  bool is_suspected() const { return suspected_; }

 private:
  bool suspected_ = false;
  Clock::time_point since_{};
};

/// How long somebody else has had to act before the workload can go on.
class Blocked {
 public:
  explicit Blocked(std::optional<std::chrono::seconds> longest) : longest_(longest) {}

  /// Throws Error(timeout) once it has lasted too long.
  void check(const State& state) {
    if (!longest_ || state.causes.empty() || !state.causes[0].code.kind().blocks) {
      suspected_ = false;
      return;
    }
    if (!std::exchange(suspected_, true)) since_ = Clock::now();
    if (left() > Clock::duration::zero()) return;
    const auto& cause = state.causes[0];
    throw base::Error(base::ErrorKind::timeout,
                      base::cat("'", state.name, "' has been blocked for ", longest_->count(),
                                " s: ", cause.code.kind().code, ": ", cause.evidence),
                      workload::advice_for(cause, state.name) + "; it stays as it is, and `lotse " +
                          "wait " + state.name + "` waits again");
  }
  bool is_suspected() const { return suspected_; }
  Clock::duration left() const { return since_ + *longest_ - Clock::now(); }

 private:
  std::optional<std::chrono::seconds> longest_;
  bool suspected_ = false;
  Clock::time_point since_{};
};

void check_hopeless(const State& state) {
  if (state.phase == Phase::lost || state.phase == Phase::stopped)
    throw base::Error(base::ErrorKind::failed,
                      "'" + state.name + "' does not run: " + in_words(state),
                      "the same command with --name " + state.name + " starts it again");
  if (state.impossible())
    throw base::Error(base::ErrorKind::impossible,
                      "'" + state.name + "' cannot run: " + state.reason,
                      "no waiting cures this: `lotse delete " + state.name +
                          "` removes it, or run it anew with values that fit; `lotse why " +
                          state.name + "` says more");
}

}  // namespace

State wait(Target& target, const std::string& name, WaitFor what, const Patience& patience,
           const std::function<void(const State&)>& seen) {
  const auto& timeout = patience.timeout;
  const auto start = Clock::now();
  std::string last;
  Asking asking(target, name);
  Absence absence;
  Blocked blocked(patience.give_up_after);
  State state;
  while (true) {
    if (auto now = asking.state())
      state = std::move(*now);
    else if (!timeout || Clock::now() - start < *timeout)
      continue;
    if (what == WaitFor::ended && state.long_running && state.phase != Phase::failed)
      throw base::Error(base::ErrorKind::invalid, "'" + name + "' serves and never completes",
                        "wait --for ready");
    const auto now = base::cat(in_words(state), state.ready);
    if (seen && now != last) seen(state);
    last = now;
    if (state.ended()) record_result(target, asking.anchor(), state);
    if (is_over(state, what)) return state;
    check_hopeless(state);
    absence.check(state);
    blocked.check(state);
    std::chrono::milliseconds left(absence.is_suspected() ? 500 : 5000);
    if (blocked.is_suspected())
      left = std::min(left, std::chrono::ceil<std::chrono::milliseconds>(blocked.left()));
    if (timeout) {
      const auto rest = *timeout - (Clock::now() - start);
      if (rest <= Clock::duration::zero())
        throw base::Error(
            base::ErrorKind::timeout,
            base::cat("'", name, "' is not ", what == WaitFor::ready ? "ready" : "complete",
                      " after ", timeout->count(), " s; ", in_words(state)),
            "it goes on: `lotse wait " + name + "` waits for it again");
      left = std::min(left, std::chrono::ceil<std::chrono::milliseconds>(rest));
    }
    asking.wait_change(left);
  }
}

int exit_code_of(const State& state) {
  if (state.phase == Phase::failed) return state.exit_code.value_or(contract::exit_failed);
  return contract::exit_done;
}

}  // namespace lotse::action
