#include "workload/pod.h"

#include <algorithm>

#include "base/strings.h"
#include "contract/event.h"
#include "workload/fill.h"

namespace lotse::workload {

using Events = Snapshot::Found;

std::vector<std::string> claims_of(const json& pod_spec) {
  std::vector<std::string> names;
  for (const auto& volume : list_at(pod_spec, {"volumes"}))
    if (auto name = text_at(volume, {"persistentVolumeClaim", "claimName"}); !name.empty())
      names.push_back(std::move(name));
  return names;
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
std::string last_warning(const Events& events) {
  for (auto event = events.rbegin(); event != events.rend(); ++event)
    if (text_at(**event, {"type"}) == "Warning")
      return with_message(text_at(**event, {"reason"}), event_words(**event));
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
                           const Events& events) {
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
  for (const auto& condition : list_at(object, {"status", "conditions"}))
    if (text_at(condition, {"type"}) == type && text_at(condition, {"status"}) == status) {
      const auto message = first_line(text_at(condition, {"message"}));
      return with_reason ? with_message(text_at(condition, {"reason"}), message) : message;
    }
  return "";
}

std::string memory_limit_of(const json& pod) {
  const auto& containers = list_at(pod, {"spec", "containers"});
  if (containers.empty()) return "";
  return text_at(containers[0], {"resources", "limits", "memory"});
}

/// Fills the fields that come from one container's status; its reason unless one is there already.
void add_container(const json& status, const std::string& memory, const Events& events,
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
std::string not_ready_reason(const json::array_t& statuses, const std::string& memory,
                             const Events& events) {
  for (const auto& container : statuses) {
    if (!at(container, {"state", "running"}).is_object() || at(container, {"ready"}) != false)
      continue;
    const json& last = at(container, {"lastState", "terminated"});
    if (last.is_object() && number_at(last, {"exitCode"}) != 0)
      return "not ready, last: " + terminated_reason(last, memory);
    for (auto event = events.rbegin(); event != events.rend(); ++event)
      if (text_at(**event, {"reason"}) == "Unhealthy")
        return "not ready: " + first_line(event_words(**event));
  }
  return "";
}

/// The node controller takes "Ready" from a pod whose node stopped answering, without a reason;
/// the containers' own states stay as the node told them last.
bool is_node_silent(const json& pod, bool containers_ready) {
  if (!containers_ready || text_at(pod, {"status", "phase"}) != "Running") return false;
  for (const auto& one : list_at(pod, {"status", "conditions"}))
    if (text_at(one, {"type"}) == "Ready")
      return text_at(one, {"status"}) == "False" && text_at(one, {"reason"}).empty();
  return false;
}

/// The scheduler only says that a claim is unbound; why, the claim's own Events say.
std::string unbound_reason(const json& pod, const Snapshot& objects) {
  for (const auto& claim : claims_of(at(pod, {"spec"}))) {
    const auto why = last_warning(
        objects.events_about({{"kind", "PersistentVolumeClaim"}, {"metadata", {{"name", claim}}}}));
    if (!why.empty()) return "claim " + claim + ": " + why;
  }
  return "";
}

std::string pending_reason(const json& pod, const Events& events, const Snapshot& objects) {
  auto unscheduled = condition_message(pod, "PodScheduled", "False", true);
  if (unscheduled.empty()) return last_warning(events);
  if (unscheduled.find("PersistentVolumeClaim") != std::string::npos)
    if (auto why = unbound_reason(pod, objects); !why.empty()) return why;
  return unscheduled;
}

bool is_waiting_for_ever(const json::array_t& statuses) {
  return std::any_of(statuses.begin(), statuses.end(), [](const json& status) {
    return text_at(status, {"state", "waiting", "reason"}) == "InvalidImageName";
  });
}

}  // namespace

PodState pod_state(const json& pod, const Snapshot& objects) {
  const auto events = objects.events_about(pod);
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
    for (const auto& status : list_at(pod, {"status", list}))
      add_container(status, memory, events, state);
  }
  const auto& statuses = list_at(pod, {"status", "containerStatuses"});
  state.ready = !statuses.empty() &&
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
