#include "workload/pod.h"

#include <algorithm>

#include "base/strings.h"
#include "contract/event.h"

namespace lotse::workload {

const json& at(const json& object, std::initializer_list<const char*> path) {
  static const json nothing;
  const json* current = &object;
  for (const char* key : path) {
    if (!current->is_object()) return nothing;
    const auto found = current->find(key);
    if (found == current->end()) return nothing;
    current = &*found;
  }
  return *current;
}

std::string text_at(const json& object, std::initializer_list<const char*> path) {
  const json& value = at(object, path);
  return value.is_string() ? value.get<std::string>() : "";
}

int64_t number_at(const json& object, std::initializer_list<const char*> path, int64_t otherwise) {
  const json& value = at(object, path);
  return value.is_number() ? value.get<int64_t>() : otherwise;
}

std::vector<json> events_about(const json& object, const Snapshot& objects) {
  std::vector<json> events;
  const auto uid = text_at(object, {"metadata", "uid"});
  const auto name = text_at(object, {"metadata", "name"});
  const auto kind = text_at(object, {"kind"});
  for (const auto& event : objects) {
    if (text_at(event, {"kind"}) != "Event") continue;
    const json& about = at(event, {event.contains("regarding") ? "regarding" : "involvedObject"});
    const auto event_uid = text_at(about, {"uid"});
    const bool same_name = text_at(about, {"kind"}) == kind && text_at(about, {"name"}) == name;
    if (same_name && (uid.empty() || event_uid.empty() || uid == event_uid))
      events.push_back(event);
  }
  const auto time = [](const json& event) {
    if (auto text = text_at(event, {"series", "lastObservedTime"}); !text.empty()) return text;
    for (const char* key : {"lastTimestamp", "deprecatedLastTimestamp", "eventTime"})
      if (auto text = text_at(event, {key}); !text.empty()) return text;
    return text_at(event, {"metadata", "creationTimestamp"});
  };
  std::stable_sort(events.begin(), events.end(),
                   [&](const json& a, const json& b) { return time(a) < time(b); });
  return events;
}

std::vector<std::string> claims_of(const json& pod_spec) {
  std::vector<std::string> names;
  const json& volumes = at(pod_spec, {"volumes"});
  if (!volumes.is_array()) return names;
  for (const auto& volume : volumes)
    if (auto name = text_at(volume, {"persistentVolumeClaim", "claimName"}); !name.empty())
      names.push_back(std::move(name));
  return names;
}

std::string event_words(const json& event) {
  return text_at(event, {event.contains("note") ? "note" : "message"});
}

namespace {

std::string first_line(const std::string& text) {
  std::string line = base::trim(text.substr(0, base::trim(text).find('\n')));
  constexpr size_t longest = 240;
  if (line.size() <= longest) return line;
  line.resize(longest);
  line += "…";
  return line;
}

std::string with_message(const std::string& reason, const std::string& message) {
  return message.empty() ? reason : reason + ": " + first_line(message);
}

/// The newest warning among the events, "Reason: message".
std::string last_warning(const std::vector<json>& events) {
  for (auto event = events.rbegin(); event != events.rend(); ++event)
    if (text_at(*event, {"type"}) == "Warning")
      return with_message(text_at(*event, {"reason"}), event_words(*event));
  return "";
}

/// A termination message may be the log's end (FallbackToLogsOnError), which holds event lines:
/// the last error among them says why, else the last line that is no event, as a crash leaves.
std::string last_words(const std::string& message) {
  std::string error;
  std::string other;
  bool any_event = false;
  for (const auto& line : base::split(message, '\n')) {
    const auto event = contract::decode(line);
    any_event = any_event || event;
    if (event && event->type == "error") error = event->message;
    if (!event && !base::trim(line).empty()) other = line;
  }
  if (!any_event) return message;
  return error.empty() ? other : error;
}

/// "OOMKilled (exit 137, memory limit 2Gi)", "exit 2: the runner's last words".
std::string terminated_reason(const json& terminated, const std::string& memory_limit) {
  const auto code = number_at(terminated, {"exitCode"});
  const auto reason = text_at(terminated, {"reason"});
  const auto message = last_words(text_at(terminated, {"message"}));
  if (reason == "OOMKilled")
    return "OOMKilled: the container used more than its memory limit" +
           (memory_limit.empty() ? std::string() : " of " + memory_limit);
  if (!reason.empty() && reason != "Error" && reason != "Completed")
    return with_message(base::cat(reason, " (exit ", code, ")"), message);
  return with_message(base::cat("exit ", code), message);
}

std::string waiting_reason(const json& status, const std::string& memory_limit,
                           const std::vector<json>& events) {
  const auto reason = text_at(status, {"state", "waiting", "reason"});
  const auto message = text_at(status, {"state", "waiting", "message"});
  if (reason.empty() || reason == "ContainerCreating" || reason == "PodInitializing") {
    return last_warning(events);  // e.g. FailedMount; creating alone is no trouble
  }
  if (reason == "CrashLoopBackOff") {
    const json& last = at(status, {"lastState", "terminated"});
    return last.is_object() ? "CrashLoopBackOff, last: " + terminated_reason(last, memory_limit)
                            : with_message(reason, message);
  }
  return with_message(reason, message);
}

std::string condition_message(const json& object, const char* type, const char* status,
                              bool with_reason) {
  const json& conditions = at(object, {"status", "conditions"});
  if (!conditions.is_array()) return "";
  for (const auto& condition : conditions)
    if (text_at(condition, {"type"}) == type && text_at(condition, {"status"}) == status) {
      const auto message = first_line(text_at(condition, {"message"}));
      return with_reason ? with_message(text_at(condition, {"reason"}), message) : message;
    }
  return "";
}

std::string memory_limit_of(const json& pod) {
  const json& containers = at(pod, {"spec", "containers"});
  if (!containers.is_array() || containers.empty()) return "";
  return text_at(containers[0], {"resources", "limits", "memory"});
}

/// Fills the fields that come from one container's status; its reason unless one is there already.
void add_container(const json& status, const std::string& memory, const std::vector<json>& events,
                   PodState& state) {
  state.restarts += number_at(status, {"restartCount"});
  const json& terminated = at(status, {"state", "terminated"});
  const json& last = at(status, {"lastState", "terminated"});
  for (const json* ended : {&terminated, &last})
    if (!state.exit_code && ended->is_object())
      state.exit_code = static_cast<int>(number_at(*ended, {"exitCode"}));
  if (!state.reason.empty()) return;
  if (terminated.is_object() && number_at(terminated, {"exitCode"}) != 0)
    state.reason = terminated_reason(terminated, memory);
  else if (at(status, {"state", "waiting"}).is_object())
    state.reason = waiting_reason(status, memory, events);
}

/// How the container ended last says more than that its successor does not answer yet.
std::string not_ready_reason(const json& statuses, const std::string& memory,
                             const std::vector<json>& events) {
  for (const auto& container : statuses) {
    if (!at(container, {"state", "running"}).is_object() || at(container, {"ready"}) != false)
      continue;
    const json& last = at(container, {"lastState", "terminated"});
    if (last.is_object() && number_at(last, {"exitCode"}) != 0)
      return "not ready, last: " + terminated_reason(last, memory);
    for (auto event = events.rbegin(); event != events.rend(); ++event)
      if (text_at(*event, {"reason"}) == "Unhealthy")
        return "not ready: " + first_line(event_words(*event));
  }
  return "";
}

/// The node controller takes "Ready" from a pod whose node stopped answering, without a reason;
/// the containers' own states stay as the node told them last.
bool is_node_silent(const json& pod, bool containers_ready) {
  if (!containers_ready || text_at(pod, {"status", "phase"}) != "Running") return false;
  const json& conditions = at(pod, {"status", "conditions"});
  if (!conditions.is_array()) return false;
  for (const auto& one : conditions)
    if (text_at(one, {"type"}) == "Ready")
      return text_at(one, {"status"}) == "False" && text_at(one, {"reason"}).empty();
  return false;
}

/// The scheduler only says that a claim is unbound; why, the claim's own Events say.
std::string unbound_reason(const json& pod, const Snapshot& objects) {
  for (const auto& claim : claims_of(at(pod, {"spec"}))) {
    const auto why = last_warning(events_about(
        {{"kind", "PersistentVolumeClaim"}, {"metadata", {{"name", claim}}}}, objects));
    if (!why.empty()) return "claim " + claim + ": " + why;
  }
  return "";
}

std::string pending_reason(const json& pod, const std::vector<json>& events,
                           const Snapshot& objects) {
  auto unscheduled = condition_message(pod, "PodScheduled", "False", true);
  if (unscheduled.empty()) return last_warning(events);
  if (unscheduled.find("PersistentVolumeClaim") != std::string::npos)
    if (auto why = unbound_reason(pod, objects); !why.empty()) return why;
  return unscheduled;
}

bool is_waiting_for_ever(const json& statuses) {
  return statuses.is_array() &&
         std::any_of(statuses.begin(), statuses.end(), [](const json& status) {
           return text_at(status, {"state", "waiting", "reason"}) == "InvalidImageName";
         });
}

}  // namespace

PodState pod_state(const json& pod, const Snapshot& objects) {
  const auto events = events_about(pod, objects);
  PodState state;
  state.name = text_at(pod, {"metadata", "name"});
  state.phase = text_at(pod, {"status", "phase"});
  state.node = text_at(pod, {"spec", "nodeName"});
  state.started = text_at(pod, {"status", "startTime"});
  const auto index =
      text_at(pod, {"metadata", "annotations", "batch.kubernetes.io/job-completion-index"});
  if (!index.empty()) state.rank = std::atoll(index.c_str());
  if (state.phase.empty()) state.phase = "Pending";

  const auto memory = memory_limit_of(pod);
  const json& status_reason = at(pod, {"status", "reason"});
  if (status_reason.is_string())  // Evicted, DeadlineExceeded, Shutdown, SupervisorLost
    state.reason = with_message(status_reason, text_at(pod, {"status", "message"}));
  for (const char* list : {"initContainerStatuses", "containerStatuses"}) {
    const json& statuses = at(pod, {"status", list});
    if (statuses.is_array())
      for (const auto& status : statuses) add_container(status, memory, events, state);
  }
  const json& statuses = at(pod, {"status", "containerStatuses"});
  state.ready = statuses.is_array() && !statuses.empty() &&
                std::all_of(statuses.begin(), statuses.end(),
                            [](const json& status) { return at(status, {"ready"}) == true; });
  state.impossible = is_waiting_for_ever(statuses);
  if (state.reason.empty() && state.phase == "Pending")
    state.reason = pending_reason(pod, events, objects);
  if (is_node_silent(pod, state.ready)) {
    state.ready = false;
    state.reason = "node " + state.node + " does not answer (NodeNotReady)";
  }
  if (state.reason.empty() && state.phase == "Running" && !state.ready)
    state.reason = not_ready_reason(statuses, memory, events);
  if (at(pod, {"metadata", "deletionTimestamp"}).is_string() && state.phase == "Running") {
    state.phase = "Terminating";
    state.ready = false;
  }
  return state;
}

}  // namespace lotse::workload
