#include "workload/state.h"

#include <algorithm>
#include <map>

#include "base/strings.h"
#include "contract/exit_code.h"
#include "workload/pod.h"

namespace lotse::workload {

std::string to_string(Phase phase) {
  switch (phase) {
    case Phase::pending:
      return "Pending";
    case Phase::starting:
      return "Starting";
    case Phase::running:
      return "Running";
    case Phase::ready:
      return "Ready";
    case Phase::succeeded:
      return "Succeeded";
    case Phase::failed:
      return "Failed";
    case Phase::stopped:
      return "Stopped";
    case Phase::deleting:
      return "Deleting";
    case Phase::lost:
      return "Lost";
  }
  return "";
}

namespace {

const json* condition(const json& object, const char* type) {
  const json& conditions = at(object, {"status", "conditions"});
  if (!conditions.is_array()) return nullptr;
  for (const auto& one : conditions)
    if (text_at(one, {"type"}) == type) return &one;
  return nullptr;
}

bool is_true(const json& object, const char* type) {
  const json* found = condition(object, type);
  return found != nullptr && text_at(*found, {"status"}) == "True";
}

std::string reason_of(const json& object, const char* type) {
  const json* found = condition(object, type);
  if (found == nullptr) return "";
  const auto reason = text_at(*found, {"reason"});
  const auto message = text_at(*found, {"message"});
  return message.empty() ? reason : reason + ": " + message;
}

bool is_owned_by(const json& object, const json& owner) {
  const json& owners = at(object, {"metadata", "ownerReferences"});
  if (!owners.is_array()) return false;
  const auto uid = text_at(owner, {"metadata", "uid"});
  return std::any_of(owners.begin(), owners.end(), [&](const json& reference) {
    if (!uid.empty()) return text_at(reference, {"uid"}) == uid;
    return text_at(reference, {"kind"}) == text_at(owner, {"kind"}) &&
           text_at(reference, {"name"}) == text_at(owner, {"metadata", "name"});
  });
}

std::string revision_of(const json* anchor) {
  return anchor == nullptr ? ""
                           : text_at(*anchor, {"metadata", "annotations", annotation_revision});
}

/// The object of a kind that is of the anchor's revision, else the newest: a workload keeps the
/// Jobs of earlier revisions, and timestamps are whole seconds.
const json* newest(const Snapshot& objects, const char* kind, const std::string& revision) {
  const json* found = nullptr;
  const auto age = [&](const json& object) {
    const auto its =
        text_at(object, {"spec", "template", "metadata", "annotations", annotation_revision});
    return std::pair(!revision.empty() && its == revision,
                     text_at(object, {"metadata", "creationTimestamp"}));
  };
  for (const auto& object : objects)
    if (text_at(object, {"kind"}) == kind && (found == nullptr || age(object) >= age(*found)))
      found = &object;
  return found;
}

/// Pods of a Job, or those of a Deployment's ReplicaSets; ranks in order, newer attempts first.
std::vector<PodState> pods_of(const json& owner, const Snapshot& objects) {
  std::vector<const json*> pods;
  const auto belongs = [&](const json& pod) {
    if (is_owned_by(pod, owner)) return true;
    return std::any_of(objects.begin(), objects.end(), [&](const json& between) {
      return text_at(between, {"kind"}) == "ReplicaSet" && is_owned_by(between, owner) &&
             is_owned_by(pod, between);
    });
  };
  for (const auto& object : objects)
    if (text_at(object, {"kind"}) == "Pod" && belongs(object)) pods.push_back(&object);
  std::vector<PodState> rows;
  rows.reserve(pods.size());
  std::stable_sort(pods.begin(), pods.end(), [](const json* a, const json* b) {
    return text_at(*a, {"metadata", "creationTimestamp"}) >
           text_at(*b, {"metadata", "creationTimestamp"});
  });
  for (const json* pod : pods) rows.push_back(pod_state(*pod, objects));
  std::stable_sort(rows.begin(), rows.end(),
                   [](const PodState& a, const PodState& b) { return a.rank < b.rank; });
  return rows;
}

/// A reason that every pod in trouble shares is told once; else the first one with its pod's name.
std::string reason_of_pods(const std::vector<PodState>& pods) {
  std::string first;
  size_t count = 0;
  bool same = true;
  for (const auto& pod : pods) {
    if (pod.reason.empty() || pod.phase == "Succeeded") continue;
    if (count++ == 0) first = pod.reason;
    same = same && pod.reason == first;
  }
  if (count == 0) return "";
  if (pods.size() == 1 || (same && count == pods.size())) return first;
  const auto it = std::find_if(pods.begin(), pods.end(), [&](const PodState& pod) {
    return pod.reason == first && pod.phase != "Succeeded";
  });
  const std::string who = it->rank ? base::cat("rank ", *it->rank) : it->name;
  return count == 1 ? who + ": " + first
                    : base::cat(who, ": ", first, " (", count, " pods in trouble)");
}

std::string first_event_warning(const json& object, const Snapshot& objects) {
  const auto events = events_about(object, objects);
  for (auto event = events.rbegin(); event != events.rend(); ++event)
    if (text_at(*event, {"type"}) == "Warning")
      return text_at(*event, {"reason"}) + ": " + event_words(*event);
  return "";
}

/// The code that decides what a failed Job passes on: where ranks differ, the one that names a
/// cause of its own goes before "a peer was lost" (76) and "stopped by request" (75).
std::optional<int> deciding_code(const std::vector<PodState>& pods) {
  const auto weight = [](int code) {
    if (code == contract::exit_peer_lost) return 1;
    if (code == contract::exit_stopped) return 2;
    if (code == 143 || code == 137) return 3;  // ended by us or by the kernel, often a consequence
    return 4;
  };
  std::optional<int> best;
  for (const auto& pod : pods) {
    if (!pod.exit_code || *pod.exit_code == 0) continue;
    if (!best || weight(*pod.exit_code) > weight(*best)) best = pod.exit_code;
  }
  return best;
}

std::string reason_for_code(const std::vector<PodState>& pods, std::optional<int> code) {
  for (const auto& pod : pods)
    if (code && pod.exit_code == code && !pod.reason.empty())
      return pods.size() > 1 && pod.rank ? base::cat("rank ", *pod.rank, ": ", pod.reason)
                                         : pod.reason;
  return "";
}

void fill_failed_job(const json& job, State& state) {
  state.phase = Phase::failed;
  state.container_code = deciding_code(state.pods);
  state.exit_code =
      state.container_code ? contract::passed_on(*state.container_code) : contract::exit_failed;
  const auto why = reason_of(job, "Failed");
  const auto cause = reason_for_code(state.pods, state.container_code);
  // The Job's own words matter where no container speaks (DeadlineExceeded), else the container's.
  state.reason = cause.empty() || why.starts_with("DeadlineExceeded") ? why : cause;
}

void fill_job(const json& job, const Snapshot& objects, State& state) {
  state.wanted =
      number_at(job, {"spec", "completions"}, number_at(job, {"spec", "parallelism"}, 1));
  const auto succeeded = number_at(job, {"status", "succeeded"});
  const auto running = std::count_if(state.pods.begin(), state.pods.end(),
                                     [](const PodState& pod) { return pod.phase == "Running"; });
  state.ready = running + succeeded;
  if (is_true(job, "Complete")) {
    state.phase = Phase::succeeded;
    state.exit_code = state.container_code = contract::exit_done;
    return;
  }
  if (is_true(job, "Failed")) return fill_failed_job(job, state);
  if (is_true(job, "Suspended") || at(job, {"spec", "suspend"}) == true) {
    state.phase = Phase::stopped;
    state.reason = reason_of(job, "Suspended");
    return;
  }
  state.phase = state.pods.empty()           ? Phase::pending
                : state.ready < state.wanted ? Phase::starting
                                             : Phase::running;
  state.reason = reason_of_pods(state.pods);
  if (state.pods.empty()) state.reason = first_event_warning(job, objects);
}

void fill_deployment(const json& deployment, const Snapshot& objects, State& state) {
  state.long_running = true;
  state.wanted = number_at(deployment, {"spec", "replicas"}, 1);
  state.ready = number_at(deployment, {"status", "readyReplicas"});
  const bool observed = number_at(deployment, {"status", "observedGeneration"}) >=
                        number_at(deployment, {"metadata", "generation"});
  const bool updated = number_at(deployment, {"status", "updatedReplicas"}) >= state.wanted &&
                       number_at(deployment, {"status", "replicas"}) <= state.wanted;
  const bool available = number_at(deployment, {"status", "availableReplicas"}) >= state.wanted;
  state.phase = observed && updated && available ? Phase::ready
                : state.pods.empty()             ? Phase::pending
                                                 : Phase::starting;
  if (state.wanted == 0) state.phase = Phase::stopped;
  if (state.phase == Phase::ready) return;
  state.reason = reason_of_pods(state.pods);
  const json* progressing = condition(deployment, "Progressing");
  if (progressing != nullptr && text_at(*progressing, {"reason"}) == "ProgressDeadlineExceeded") {
    state.phase = Phase::failed;
    state.container_code = deciding_code(state.pods);
    state.exit_code =
        state.container_code ? contract::passed_on(*state.container_code) : contract::exit_failed;
    if (state.reason.empty()) state.reason = reason_of(deployment, "Progressing");
  }
  if (state.reason.empty() && is_true(deployment, "ReplicaFailure"))
    state.reason = reason_of(deployment, "ReplicaFailure");
  if (state.reason.empty() && state.pods.empty())
    state.reason = first_event_warning(deployment, objects);
}

/// Where a Service answers: status.loadBalancer of the local executor, else its name in the
/// cluster.
std::vector<std::string> urls_of(const Snapshot& objects) {
  std::vector<std::string> urls;
  for (const auto& service : objects) {
    if (text_at(service, {"kind"}) != "Service") continue;
    const json& ports = at(service, {"spec", "ports"});
    if (text_at(service, {"spec", "clusterIP"}) == "None" || !ports.is_array() || ports.empty())
      continue;
    const auto local = text_at(service, {"metadata", "annotations", annotation_url});
    urls.push_back(!local.empty() ? local
                                  : base::cat("http://", text_at(service, {"metadata", "name"}),
                                              ".", text_at(service, {"metadata", "namespace"}),
                                              ".svc:", number_at(ports[0], {"port"})));
  }
  return urls;
}

void fill_from_anchor(const json& object, State& state) {
  state.template_name = text_at(object, {"metadata", "labels", label_template});
  state.kind = text_at(object, {"metadata", "annotations", annotation_kind});
  state.created = text_at(object, {"metadata", "creationTimestamp"});
  if (state.kind.empty()) state.kind = state.template_name;
}

}  // namespace

State state_of(const std::string& name, const Snapshot& objects) {
  State state;
  state.name = name;
  const json* anchor = nullptr;
  for (const auto& object : objects)
    if (text_at(object, {"kind"}) == "ConfigMap" &&
        !text_at(object, {"metadata", "annotations", annotation_kind}).empty())
      anchor = &object;
  const json* job = newest(objects, "Job", revision_of(anchor));
  const json* deployment = newest(objects, "Deployment", revision_of(anchor));
  const json* main = deployment != nullptr ? deployment : job;
  if (main != nullptr) fill_from_anchor(*main, state);
  if (anchor != nullptr) fill_from_anchor(*anchor, state);
  state.urls = urls_of(objects);
  if (main == nullptr) {
    state.reason = "there is neither a Job nor a Deployment";
    return state;
  }
  state.pods = pods_of(*main, objects);
  state.object = base::lower(text_at(*main, {"kind"})) + "/" + text_at(*main, {"metadata", "name"});
  if (deployment != nullptr)
    fill_deployment(*deployment, objects, state);
  else
    fill_job(*job, objects, state);
  if (is_true(*main, "SupervisorLost") && !state.ended()) {
    state.phase = Phase::lost;
    state.reason = reason_of(*main, "SupervisorLost");
  }
  if (at(anchor != nullptr ? *anchor : *main, {"metadata", "deletionTimestamp"}).is_string())
    state.phase = Phase::deleting;
  return state;
}

std::vector<std::pair<std::string, Snapshot>> by_workload(const Snapshot& objects) {
  std::map<std::string, Snapshot> sorted;
  for (const auto& object : objects) {
    const auto name = text_at(object, {"metadata", "labels", label_workload});
    if (!name.empty()) sorted[name].push_back(object);
  }
  return {sorted.begin(), sorted.end()};
}

json to_json(const State& state) {
  const auto or_null = [](const auto& value) { return value ? json(*value) : json(nullptr); };
  json pods = json::array();
  for (const auto& pod : state.pods)
    pods.push_back({{"name", pod.name},
                    {"rank", or_null(pod.rank)},
                    {"phase", pod.phase},
                    {"ready", pod.ready},
                    {"node", pod.node},
                    {"restarts", pod.restarts},
                    {"exitCode", or_null(pod.exit_code)},
                    {"reason", pod.reason},
                    {"started", pod.started}});
  return {{"name", state.name},
          {"kind", state.kind},
          {"template", state.template_name},
          {"created", state.created},
          {"object", state.object},
          {"phase", to_string(state.phase)},
          {"wanted", state.wanted},
          {"ready", state.ready},
          {"exitCode", or_null(state.exit_code)},
          {"containerCode", or_null(state.container_code)},
          {"reason", state.reason},
          {"urls", state.urls},
          {"pods", pods}};
}

}  // namespace lotse::workload
