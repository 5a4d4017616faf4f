#include <algorithm>
#include <set>

#include "base/strings.h"
#include "contract/exit_code.h"
#include "workload/fill.h"
#include "workload/pod.h"
#include "workload/queue.h"
#include "workload/refusal.h"

namespace lotse::workload {

namespace {

constexpr auto later =
    "another pod comes after the Job's back-off, which doubles with each pod that ends";

bool is_alive(const PodState& pod) {
  return pod.phase == "Running" || pod.phase == "Pending";
}

/// The newest pod of each rank; of a Job without ranks those that live, then as many of the newest
/// failed ones as are missing. state.pods has the newest of a rank first.
std::vector<const PodState*> newest_attempts(const State& state) {
  std::vector<const PodState*> newest;
  std::set<int64_t> ranks;
  for (const auto& pod : state.pods)
    if (pod.rank ? ranks.insert(*pod.rank).second : pod.phase != "Failed") newest.push_back(&pod);
  for (const auto& pod : state.pods)
    if (!pod.rank && pod.phase == "Failed" && std::ssize(newest) < state.wanted)
      newest.push_back(&pod);
  return newest;
}

std::vector<const PodState*> pointers(const std::vector<PodState>& pods) {
  std::vector<const PodState*> all;
  for (const auto& pod : pods) all.push_back(&pod);
  return all;
}

Cause cause_for_code(const std::vector<PodState>& pods, std::optional<int> code) {
  for (const auto& pod : pods) {
    if (!code || pod.exit_code != code || !pod.cause) continue;
    auto cause = pod.cause;
    if (pods.size() > 1 && pod.rank)
      cause.evidence = base::cat("rank ", *pod.rank, ": ", cause.evidence);
    return cause;
  }
  return {};
}

void fill_failed(const json& job, State& state) {
  const auto why = reason_of(job, "Failed");
  state.phase = Phase::failed;
  state.container_code = deciding_code(pointers(state.pods));
  if (!state.container_code) state.container_code = code_in(why);
  state.exit_code =
      state.container_code ? contract::passed_on(*state.container_code) : contract::exit_failed;
  const auto cause = cause_for_code(state.pods, state.container_code);
  // The Job's own words matter where no container speaks (DeadlineExceeded), else the container's.
  const bool late = why.starts_with("DeadlineExceeded");
  if (late) state.exit_code = contract::exit_impossible;
  tell(cause && !late ? cause
                      : Cause{late ? Code("DeadlineExceeded") : Code("RunFailed"), {}, why, late},
       state);
}

/// A Job with a queue's label waits for its queue; one that the user suspended waits for the user.
void fill_suspended(const json& job, const Snapshot& objects, State& state) {
  const json* suspended = condition(job, "Suspended");
  const bool by_the_user = text_at(job, {"metadata", "labels", label_queue}).empty() ||
                           (suspended != nullptr && text_at(*suspended, {"reason"}) == "Stopped");
  if (!by_the_user) return fill_queued(job, objects, state);
  state.phase = Phase::stopped;
  tell({"Suspended", {}, reason_of(job, "Suspended")}, state);
}

/// Pods whose place is empty now: an old one has ended, or is still ending.
std::vector<PodState> between_attempts(const std::vector<const PodState*>& newest) {
  std::vector<PodState> waiting;
  for (const PodState* pod : newest) {
    if (pod->phase != "Failed" && pod->phase != "Terminating") continue;
    PodState one = *pod;
    auto& [code, objects, said, impossible] = one.cause;
    if (!one.cause) code = "BetweenAttempts", objects = {"pod/" + pod->name};
    if (pod->phase == "Terminating")
      said += std::string(said.empty() ? "" : "; ") + "its pod is still ending" +
              (pod->node.empty() ? "" : " on node " + pod->node) + "; another comes after that";
    else
      said = (said.empty() ? "its pod has ended" : said) + "; " + later;
    waiting.push_back(std::move(one));
  }
  return waiting;
}

/// What the Job's Events tell of pods that are not there.
struct Told {
  int64_t made = 0;               ///< so many pods were made
  const json* refused = nullptr;  ///< the last refusal
  bool refused_last = false;      ///< nothing was made after it
};

Told told_by(const Snapshot::Found& events) {
  Told told;
  for (const json* event : events) {
    const auto reason = text_at(*event, {"reason"});
    if (reason == "SuccessfulCreate") {
      ++told.made;
      told.refused_last = false;
    } else if (reason == "FailedCreate") {
      told.refused = event;
      told.refused_last = true;
    }
  }
  return told;
}

/// How many pods were made and are there no more. The Events are newer than the list of pods: what
/// the Job itself counts as active is not gone, and a Job that has not begun has lost nothing.
int64_t taken_away(const json& job, const Told& told, const State& state) {
  if (!at(job, {"status", "startTime"}).is_string()) return 0;
  const auto listed = std::count_if(state.pods.begin(), state.pods.end(), is_alive);
  const auto unseen = std::max<int64_t>(0, number_at(job, {"status", "active"}) - listed);
  return std::max<int64_t>(0, told.made - std::ssize(state.pods) - unseen);
}

/// Why fewer pods are there than are wanted.
void fill_missing(const json& job, const Snapshot& objects, int64_t missing, int64_t between,
                  State& state) {
  const auto told = told_by(objects.events_about(job));
  const auto taken = taken_away(job, told, state);
  if (told.refused != nullptr && (told.refused_last || missing > between + taken)) {
    auto refusal = refusal_in(event_words(*told.refused));
    const auto there = state.wanted - missing;
    if (there > 0)
      refusal.evidence =
          base::cat("only ", there, " of ", state.wanted, " pods are there; ", refusal.evidence);
    tell(refusal, state);
  } else if (state.reason.empty() && taken > 0) {
    tell({"PodDeleted", {}, base::cat("a pod was deleted or evicted; ", later)}, state);
  }
}

/// A rank begins when all are there; a share (job.yaml of the templates) has no peers.
void add_waiting_for_peers(const std::vector<const PodState*>& newest, int64_t succeeded,
                           State& state) {
  if (state.is_shared || state.wanted < 2 || succeeded > 0 || state.causes.empty()) return;
  Cause cause{"WaitingForPeers", {}, {}};
  for (const PodState* pod : newest)
    if (pod->phase == "Running" && pod->rank && !pod->cause)
      cause.objects.push_back("pod/" + pod->name);
  if (cause.objects.empty()) return;
  cause.evidence =
      base::cat(cause.objects.size(), " of ", state.wanted, " ranks run; they wait for the others");
  state.causes.push_back(std::move(cause));
}

}  // namespace

void fill_job(const json& job, const Snapshot& objects, State& state) {
  state.wanted =
      number_at(job, {"spec", "completions"}, number_at(job, {"spec", "parallelism"}, 1));
  state.is_shared = at(job, {"spec", "backoffLimitPerIndex"}).is_number();
  const auto succeeded = number_at(job, {"status", "succeeded"});
  const auto running = std::count_if(state.pods.begin(), state.pods.end(),
                                     [](const PodState& pod) { return pod.phase == "Running"; });
  state.ready = running + succeeded;
  if (is_true(job, "Complete")) {
    state.phase = Phase::succeeded;
    state.exit_code = state.container_code = contract::exit_done;
    return;
  }
  if (is_true(job, "Failed")) return fill_failed(job, state);
  if (is_true(job, "Suspended") || at(job, {"spec", "suspend"}) == true)
    return fill_suspended(job, objects, state);
  state.phase = state.pods.empty()           ? Phase::pending
                : state.ready < state.wanted ? Phase::starting
                                             : Phase::running;
  const auto newest = newest_attempts(state);
  auto between = between_attempts(newest);
  std::vector<const PodState*> told;
  for (const PodState* pod : newest)
    if (is_alive(*pod)) told.push_back(pod);
  const auto alive = std::ssize(told);
  for (const auto& pod : between) told.push_back(&pod);
  fill_reason(told, state);
  const auto missing = state.wanted - succeeded - alive;
  if (missing > 0) fill_missing(job, objects, missing, std::ssize(between), state);
  add_waiting_for_peers(newest, succeeded, state);
}

}  // namespace lotse::workload
