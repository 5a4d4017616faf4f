#include <algorithm>
#include <cstdlib>
#include <set>

#include "contract/exit_code.h"
#include "workload/autoscaler.h"
#include "workload/fill.h"
#include "workload/pod.h"
#include "workload/refusal.h"
#include "workload/state.h"

namespace lotse::workload {

namespace {

constexpr auto annotation_rollout = "deployment.kubernetes.io/revision";

std::vector<const PodState*> pods_of_set(const json* set, const Snapshot& objects,
                                         const State& state) {
  std::vector<const PodState*> pods;
  if (set == nullptr) return pods;
  std::set<std::string> names;
  for (const json* pod : objects.owned_by(*set, "Pod"))
    names.insert(text_at(*pod, {"metadata", "name"}));
  for (const auto& pod : state.pods)
    if (names.count(pod.name) != 0) pods.push_back(&pod);
  return pods;
}

/// A container that ended with 2 ends so again, however often the kubelet starts it: the rollout is
/// over, though the Deployment stays as it is.
bool cannot_start(const PodState& pod) {
  return !pod.ready && pod.exit_code == contract::exit_invalid;
}

void fill_failed(const std::vector<const PodState*>& pods, State& state) {
  state.phase = Phase::failed;
  state.container_code = deciding_code(pods);
  state.exit_code =
      state.container_code ? contract::passed_on(*state.container_code) : contract::exit_failed;
}

void fill_refusal(const json& deployment, const json* set, const Snapshot& objects, State& state) {
  std::string words;
  if (is_true(deployment, "ReplicaFailure"))
    words = text_at(*condition(deployment, "ReplicaFailure"), {"message"});
  if (words.empty() && set != nullptr && state.pods.empty())
    for (const json* event : objects.events_about(*set))
      if (text_at(*event, {"reason"}) == "FailedCreate") words = event_words(*event);
  if (words.empty()) return;
  tell(refusal_in(words), state);
}

bool is_observed(const json& deployment) {
  return number_at(deployment, {"status", "observedGeneration"}) >=
         number_at(deployment, {"metadata", "generation"});
}

}  // namespace

bool is_rolled_out(const json& deployment) {
  const auto wanted = number_at(deployment, {"spec", "replicas"}, 1);
  return is_observed(deployment) &&
         number_at(deployment, {"status", "updatedReplicas"}) >= wanted &&
         number_at(deployment, {"status", "replicas"}) <= wanted &&
         number_at(deployment, {"status", "availableReplicas"}) >= wanted;
}

const json* current_set(const json& deployment, const Snapshot& objects) {
  const json* newest = nullptr;
  const auto age = [](const json& set) {
    const auto rollout = text_at(set, {"metadata", "annotations", annotation_rollout});
    return std::pair(std::atoll(rollout.c_str()), text_at(set, {"metadata", "creationTimestamp"}));
  };
  for (const json* set : objects.owned_by(deployment, "ReplicaSet"))
    if (newest == nullptr || age(*set) >= age(*newest)) newest = set;
  return newest;
}

void fill_deployment(const json& deployment, const Snapshot& objects, State& state) {
  state.long_running = true;
  state.wanted = number_at(deployment, {"spec", "replicas"}, 1);
  state.ready = number_at(deployment, {"status", "readyReplicas"});
  state.phase = is_rolled_out(deployment) ? Phase::ready
                : state.pods.empty()      ? Phase::pending
                                          : Phase::starting;
  const json* autoscaler = autoscaler_of(deployment, objects);
  add_autoscaler_trouble(autoscaler, state);
  if (state.wanted == 0) return fill_without_pods(deployment, autoscaler, state);
  if (state.phase == Phase::ready) return;
  std::vector<const PodState*> pods;
  for (const auto& pod : state.pods) pods.push_back(&pod);
  fill_reason(pods, state);
  const json* set = current_set(deployment, objects);
  if (state.reason.empty()) fill_refusal(deployment, set, objects, state);
  const auto current =
      is_observed(deployment) ? pods_of_set(set, objects, state) : std::vector<const PodState*>();
  const auto hopeless = std::find_if(current.begin(), current.end(),
                                     [](const PodState* pod) { return cannot_start(*pod); });
  const json* progressing = condition(deployment, "Progressing");
  const bool late =
      progressing != nullptr && text_at(*progressing, {"reason"}) == "ProgressDeadlineExceeded";
  if (hopeless != current.end()) {
    fill_failed({*hopeless}, state);
    state.reason = (*hopeless)->cause.evidence;
  } else if (late) {
    fill_failed(pods, state);
    const Cause stuck{"RolloutStuck", {state.object}, reason_of(deployment, "Progressing")};
    if (state.reason.empty())
      tell(stuck, state);
    else
      state.causes.push_back(stuck);
  }
}

}  // namespace lotse::workload
