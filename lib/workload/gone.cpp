#include <optional>

#include "contract/exit_code.h"
#include "workload/fill.h"
#include "workload/pod.h"

namespace lotse::workload {

namespace {

/// A result may have been recorded before there were codes, or by a later version with more.
Code recorded_code(const json& result) {
  return Code::parse(text_at(result, {"cause"})).value_or(Code("RunFailed"));
}

bool fill_recorded(const json& anchor, State& state) {
  const json result =
      json::parse(text_at(anchor, {"metadata", "annotations", annotation_result}), nullptr, false);
  const auto phase = text_at(result, {"phase"});
  const bool known = phase == to_string(Phase::succeeded) || phase == to_string(Phase::failed);
  if (!known || text_at(result, {"revision"}) !=
                    text_at(anchor, {"metadata", "annotations", annotation_revision}))
    return false;
  state.phase = phase == to_string(Phase::failed) ? Phase::failed : Phase::succeeded;
  state.exit_code = static_cast<int>(number_at(result, {"exitCode"}));
  if (at(result, {"containerCode"}).is_number_integer())
    state.container_code = static_cast<int>(number_at(result, {"containerCode"}));
  state.reason = text_at(result, {"reason"});
  if (state.phase == Phase::failed) state.causes = {{recorded_code(result), {}, state.reason}};
  return true;
}

/// The Job controller's last word on that Job, which outlives it by an hour.
bool fill_told(const json& anchor, const Snapshot& objects, State& state) {
  const auto events =
      objects.events_about({{"kind", "Job"}, {"metadata", {{"name", job_name_of(anchor)}}}});
  for (auto event = events.rbegin(); event != events.rend(); ++event) {
    const auto reason = text_at(**event, {"reason"});
    if (reason == "SuccessfulCreate" || reason == "Resumed") return false;  // it ran on after it
    const bool failed = reason == "BackoffLimitExceeded" || reason == "DeadlineExceeded" ||
                        reason == "FailedIndexes" || reason == "PodFailurePolicy";
    if (reason != "Completed" && !failed) continue;
    state.phase = failed ? Phase::failed : Phase::succeeded;
    state.container_code = failed ? code_in(event_words(**event)) : contract::exit_done;
    const bool late = reason == "DeadlineExceeded";
    state.exit_code = late                   ? contract::exit_impossible
                      : state.container_code ? contract::passed_on(*state.container_code)
                                             : contract::exit_failed;
    if (failed)
      tell({late ? Code("DeadlineExceeded") : Code("RunFailed"),
            {},
            reason + ": " + event_words(**event),
            late},
           state);
    return true;
  }
  return false;
}

}  // namespace

void fill_gone(const json* anchor, const Snapshot& objects, State& state) {
  if (anchor != nullptr && (fill_recorded(*anchor, state) || fill_told(*anchor, objects, state))) {
    if (state.phase == Phase::succeeded) state.reason.clear();
    return;
  }
  state.phase = Phase::gone;
  tell({"Gone",
        {},
        "it has neither a Job nor a Deployment: deleted, or past its time to live (--ttl)"},
       state);
}

}  // namespace lotse::workload
