#include "workload/pod.h"

#include <algorithm>

#include "base/strings.h"
#include "contract/event.h"
#include "contract/exit_code.h"
#include "workload/fill.h"
#include "workload/image_pull.h"

namespace lotse::workload {

using Events = Snapshot::Found;

std::vector<std::string> claims_of(const json& pod_spec) {
  std::vector<std::string> names;
  for (const auto& volume : list_at(pod_spec, {"volumes"}))
    if (auto name = text_at(volume, {"persistentVolumeClaim", "claimName"}); !name.empty())
      names.push_back(std::move(name));
  return names;
}

std::string pod_group_of(const json& pod) {
  return text_at(pod, {"spec", "schedulingGroup", "podGroupName"});
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

/// The word at the front of `text`, up to one of `ends`.
std::string word(std::string_view text, const char* ends) {
  return std::string(text.substr(0, text.find_first_of(ends)));
}

/// What a pod names and is not there, in the words of kubelet and scheduler: `secret "x" not
/// found`, `couldn't find key k in ConfigMap ns/x`.
Cause missing_object(const std::string& words) {
  struct Kind {
    std::string_view quoted, with_key;
    Code code;
    const char* object;
  };
  static constexpr Kind kinds[] = {
      {"secret \"", " in Secret ", "SecretMissing", "secret/"},
      {"configmap \"", " in ConfigMap ", "ConfigMissing", "configmap/"},
      {"secrets \"", "", "SecretMissing", "secret/"},
      {"configmaps \"", "", "ConfigMissing", "configmap/"},
      {"persistentvolumeclaim \"", "", "ClaimMissing", "claim/"}};
  const bool absent = words.find("\" not found") != std::string::npos;
  const bool without_key = words.find("couldn't find key ") != std::string::npos;
  if (!absent && !without_key) return {};
  for (const auto& [quoted, with_key, code, object] : kinds) {
    if (const auto at = words.find(quoted); absent && at != std::string::npos)
      return {code, {object + word(std::string_view(words).substr(at + quoted.size()), "\"")}, ""};
    if (with_key.empty()) continue;
    if (const auto at = words.find(with_key); without_key && at != std::string::npos) {
      const auto slash = words.find('/', at);
      if (slash != std::string::npos)
        return {code, {object + word(std::string_view(words).substr(slash + 1), " ,\n")}, ""};
    }
  }
  return {};
}

Code code_of_event(const std::string& reason) {
  if (reason == "Unhealthy") return "ProbeFailing";
  if (reason == "FailedMount" || reason == "FailedAttachVolume") return "MountFailed";
  return "Other";
}

/// The newest warning among the events, "Reason: message".
Cause last_warning(const Events& events) {
  for (auto event = events.rbegin(); event != events.rend(); ++event) {
    if (text_at(**event, {"type"}) != "Warning") continue;
    const auto reason = text_at(**event, {"reason"}), words = event_words(**event);
    auto cause = missing_object(words);
    if (!cause) cause.code = code_of_event(reason);
    cause.evidence = with_message(reason, words);
    return cause;
  }
  return {};
}

constexpr std::string_view own_prefix = "lotse: ";

bool is_error_of_lotse(const std::string& line) {
  return line.starts_with(own_prefix) && !line.starts_with("lotse: warning: ");
}

/// A termination message may be the log's end (FallbackToLogsOnError), which holds event lines, or
/// what `lotse` says: the last error among them says why, else the last line that is no event, as a
/// crash leaves.
std::string last_words(const std::string& message) {
  std::string error;
  std::string other;
  bool any_event = false;
  for (const auto& line : base::split(message, '\n')) {
    const auto event = contract::decode(line);
    any_event = any_event || event;
    if (event && event->type == "error") error = event->message;
    if (!event && is_error_of_lotse(line)) error = line.substr(own_prefix.size());
    if (!event && !base::trim(line).empty()) other = line;
  }
  if (error.empty()) return any_event ? other : message;
  return error;
}

Code code_of_exit(int64_t exit_code) {
  switch (exit_code) {
    case contract::exit_invalid:
      return "WrongConfiguration";
    case contract::exit_stopped:
      return "Stopped";
    case contract::exit_peer_lost:
      return "PeerLost";
    default:
      return "ContainerFailed";
  }
}

/// What execve(2) says of a program of another processor.
bool is_of_another_processor(const std::string& message) {
  return message.find("exec format error") != std::string::npos;
}

/// "OOMKilled (exit 137, memory limit 2Gi)", "exit 2: the runner's last words".
Cause ended_with(const json& terminated, const std::string& memory_limit) {
  const auto code = number_at(terminated, {"exitCode"});
  const auto reason = text_at(terminated, {"reason"});
  const auto message = last_words(text_at(terminated, {"message"}));
  if (reason == "OOMKilled")
    return {"OutOfMemory",
            {},
            "OOMKilled: the container used more than its memory limit" +
                (memory_limit.empty() ? std::string() : " of " + memory_limit)};
  const bool wrong_processor = is_of_another_processor(message);
  if (reason.empty() || reason == "Error" || reason == "Completed")
    return {wrong_processor ? Code("ImageArchitecture") : code_of_exit(code),
            {},
            with_message(base::cat("exit ", code), message)};
  const bool never_ran = reason == "StartError" || reason == "ContainerCannotRun";
  return {wrong_processor ? Code("ImageArchitecture")
          : never_ran     ? Code("StartFailed")
                          : code_of_exit(code),
          {},
          with_message(base::cat(reason, " (exit ", code, ")"), message)};
}

Code code_of_waiting(const std::string& reason, const std::string& message, const Events& events) {
  if (reason.find("Image") != std::string::npos)
    return code_of_pull(reason, message + said_of_the_image(events));
  if (is_of_another_processor(message)) return "ImageArchitecture";
  if (reason == "CreateContainerError" || reason == "RunContainerError") return "StartFailed";
  return "Other";
}

Cause waiting_for(const json& status, const std::string& memory_limit, const Events& events) {
  const auto reason = text_at(status, {"state", "waiting", "reason"});
  const auto message = text_at(status, {"state", "waiting", "message"});
  if (reason.empty() || reason == "ContainerCreating" || reason == "PodInitializing") {
    return last_warning(events);  // e.g. FailedMount; creating alone is no trouble
  }
  if (reason == "CrashLoopBackOff") {
    const json& last = at(status, {"lastState", "terminated"});
    if (!last.is_object()) return {"CrashLoop", {}, with_message(reason, message)};
    auto cause = ended_with(last, memory_limit);
    if (cause.code == "ContainerFailed") cause.code = "CrashLoop";
    cause.evidence = "CrashLoopBackOff, last: " + cause.evidence;
    return cause;
  }
  auto cause = missing_object(message);
  if (!cause) cause.code = code_of_waiting(reason, message, events);
  cause.evidence = with_message(reason, message);
  cause.impossible = reason == "InvalidImageName";
  return cause;
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
  if (state.cause) return;
  if (terminated.is_object() && number_at(terminated, {"exitCode"}) != 0) {
    state.cause = ended_with(terminated, memory);
    // The moment between its end and the kubelet's back-off.
    const bool again = number_at(status, {"restartCount"}) > 1;
    if (again && state.cause.code == "ContainerFailed") state.cause.code = "CrashLoop";
  } else if (at(status, {"state", "waiting"}).is_object()) {
    state.cause = waiting_for(status, memory, events);
  }
}

/// How the container ended last says more than that its successor does not answer yet.
Cause not_ready_cause(const json::array_t& statuses, const std::string& memory,
                      const Events& events) {
  for (const auto& container : statuses) {
    if (!at(container, {"state", "running"}).is_object() || at(container, {"ready"}) != false)
      continue;
    const json& last = at(container, {"lastState", "terminated"});
    if (last.is_object() && number_at(last, {"exitCode"}) != 0) {
      auto cause = ended_with(last, memory);
      cause.evidence = "not ready, last: " + cause.evidence;
      return cause;
    }
    for (auto event = events.rbegin(); event != events.rend(); ++event)
      if (text_at(**event, {"reason"}) == "Unhealthy")
        return {"ProbeFailing", {}, "not ready: " + first_line(event_words(**event))};
  }
  return {};
}

/// A device plugin tells the health of each device of a container (ResourceHealthStatus).
Cause unhealthy_device(const json::array_t& statuses) {
  for (const auto& container : statuses)
    for (const auto& allocated : list_at(container, {"allocatedResourcesStatus"}))
      for (const auto& device : list_at(allocated, {"resources"}))
        if (text_at(device, {"health"}) == "Unhealthy")
          return {"GpuUnhealthy",
                  {},
                  base::cat(text_at(allocated, {"name"}), " ", text_at(device, {"resourceID"}),
                            " is unhealthy")};
  return {};
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
Cause unbound_claim(const json& pod, const Snapshot& objects) {
  for (const auto& claim : claims_of(at(pod, {"spec"}))) {
    const auto why = last_warning(
        objects.events_about({{"kind", "PersistentVolumeClaim"}, {"metadata", {{"name", claim}}}}));
    if (why) return {"ClaimUnbound", {"claim/" + claim}, "claim " + claim + ": " + why.evidence};
  }
  return {};
}

/// The scheduler counts the nodes by what keeps each from taking the pod: "0/2 nodes are available:
/// 1 Insufficient cpu, 1 node(s) had untolerated taint {k: v}".
bool only_taints(const std::string& message) {
  constexpr std::string_view before = " nodes are available: ", taint = "had untolerated taint";
  const auto begin = message.find(before);
  if (begin == std::string::npos) return false;
  // A count begins each part; what is between braces may hold commas of its own.
  size_t parts = 0, tainted = 0;
  for (auto at = begin + before.size(); at < message.size();) {
    const auto end = std::min(message.find(", ", at), message.size());
    const auto part = std::string_view(message).substr(at, end - at);
    if (!part.empty() && part[0] >= '0' && part[0] <= '9') {
      ++parts;
      tainted += part.find(taint) != std::string_view::npos ? 1 : 0;
    }
    at = end + 2;
  }
  return parts > 0 && parts == tainted;
}

/// What an autoscaler (Cluster Autoscaler, Karpenter) said last of a pod that no node takes.
Cause node_coming(const Events& events) {
  for (auto event = events.rbegin(); event != events.rend(); ++event) {
    const auto reason = text_at(**event, {"reason"});
    if (reason == "TriggeredScaleUp" || reason == "Nominated")
      return {"NodeComing", {}, with_message(reason, event_words(**event))};
    if (reason == "NotTriggerScaleUp" || reason == "FailedToScaleUpGroup") return {};
  }
  return {};
}

/// Why no other pod is pushed out for this one, the scheduler adds to every message.
std::string without_preemption(const std::string& message) {
  return message.substr(
      0, std::min(message.find(". preemption: "), message.find(". no new claims to deallocate")));
}

/// What the scheduler says of the group that a pod is scheduled with, in the conditions' own words;
/// "" where nothing is wrong with it. Of a group that lacks pods it says nothing at all.
std::string trouble_of_group(const json& pod, const Snapshot& objects) {
  const auto name = "podgroup/" + pod_group_of(pod);
  const json* group = objects.find("PodGroup", pod_group_of(pod));
  const bool looked_at = condition(pod, "PodScheduled") != nullptr;
  if (group == nullptr)
    return looked_at ? "" : name + ", which the pod names, is not there, or not for you to read";
  std::vector<std::string> said;
  for (const auto& [type, bad] :
       {std::pair{"PodGroupInitiallyScheduled", "False"}, std::pair{"DisruptionTarget", "True"}})
    if (auto words = condition_message(*group, type, bad, true); !words.empty())
      said.push_back(std::move(words));
  if (!said.empty()) return name + ": " + base::join(said, "; ");
  const auto least = number_at(*group, {"spec", "schedulingPolicy", "gang", "minCount"});
  if (looked_at || least == 0 || condition(*group, "PodGroupInitiallyScheduled") != nullptr)
    return "";
  return base::cat(name, ": the scheduler waits until ", least,
                   " pods of the group are there (minCount)");
}

/// The pod's own cause, if it is of a group, together with the group's.
Cause with_group(Cause own, const json& pod, const Snapshot& objects) {
  const auto group = pod_group_of(pod);
  if (group.empty()) return own;
  const auto trouble = trouble_of_group(pod, objects);
  // Of a gang that is not complete the scheduler looks at no node.
  const bool no_node = own.evidence.find(" nodes are available") != std::string::npos;
  if (own && own.code != "NoNodeFits") return own;
  if (!own && trouble.empty()) return own;
  if (!no_node) own.code = "GangNotScheduled";
  own.objects.push_back("podgroup/" + group);
  if (!trouble.empty()) own.evidence += (own.evidence.empty() ? "" : "; ") + trouble;
  return own;
}

Cause own_pending_cause(const json& pod, const Events& events, const Snapshot& objects) {
  const auto unscheduled =
      without_preemption(condition_message(pod, "PodScheduled", "False", true));
  if (unscheduled.empty()) return last_warning(events);
  if (unscheduled.starts_with("SchedulingGated")) return {"SchedulingGated", {}, unscheduled};
  if (auto cause = missing_object(unscheduled)) {
    cause.evidence = unscheduled;
    return cause;
  }
  if (unscheduled.find("PersistentVolumeClaim") != std::string::npos) {
    auto cause = unbound_claim(pod, objects);
    return cause ? cause : Cause{"ClaimUnbound", {}, unscheduled};
  }
  if (unscheduled.find("device class ") != std::string::npos &&
      unscheduled.find(" does not exist") != std::string::npos)
    return {"DeviceClassMissing", {}, unscheduled};
  if (auto coming = node_coming(events)) return coming;
  return {only_taints(unscheduled) ? Code("NodeTainted") : Code("NoNodeFits"), {}, unscheduled};
}

Cause pending_cause(const json& pod, const Events& events, const Snapshot& objects) {
  return with_group(own_pending_cause(pod, events, objects), pod, objects);
}

Code code_of_pod_reason(const std::string& reason) {
  if (reason == "Evicted" || reason == "Preempting" || reason == "Preempted") return "Evicted";
  if (reason == "NodeShutdown" || reason == "Terminated" || reason == "Shutdown")
    return "NodeShutdown";
  if (reason == "DeadlineExceeded") return "DeadlineExceeded";
  if (reason == "SupervisorLost") return "SupervisorLost";
  if (reason == "UnexpectedAdmissionError" || reason.starts_with("OutOf")) return "NoNodeFits";
  return "Other";
}

void name_the_volume(const json& pod, const Events& events, Cause& cause) {
  if (!cause || !cause.code.kind().code.starts_with("Image")) return;
  const auto volume = volume_of_the_image(pod, events, cause.evidence);
  if (!volume.empty()) cause.evidence = "volume " + volume + ": " + cause.evidence;
}

}  // namespace

PodState pod_state(const json& pod, const Snapshot& objects) {
  const auto events = objects.events_about(pod);
  PodState state;
  state.name = text_at(pod, {"metadata", "name"});
  state.phase = text_at(pod, {"status", "phase"});
  state.node = text_at(pod, {"spec", "nodeName"});
  state.started = text_at(pod, {"status", "startTime"});
  if (const auto& containers = list_at(pod, {"spec", "containers"}); !containers.empty())
    state.container = text_at(containers[0], {"name"});
  const auto index =
      text_at(pod, {"metadata", "annotations", "batch.kubernetes.io/job-completion-index"});
  if (!index.empty()) state.rank = std::atoll(index.c_str());
  if (state.phase.empty()) state.phase = "Pending";

  const auto memory = memory_limit_of(pod);
  const json& status_reason = at(pod, {"status", "reason"});
  if (status_reason.is_string())
    state.cause = {code_of_pod_reason(status_reason),
                   {},
                   with_message(status_reason, text_at(pod, {"status", "message"}))};
  for (const char* list : {"initContainerStatuses", "containerStatuses"}) {
    for (const auto& status : list_at(pod, {"status", list}))
      add_container(status, memory, events, state);
  }
  name_the_volume(pod, events, state.cause);
  const auto& statuses = list_at(pod, {"status", "containerStatuses"});
  state.ready = !statuses.empty() &&
                std::all_of(statuses.begin(), statuses.end(),
                            [](const json& status) { return at(status, {"ready"}) == true; });
  if (!state.cause && state.phase == "Pending") state.cause = pending_cause(pod, events, objects);
  if (is_node_silent(pod, state.ready)) {
    state.ready = false;
    state.cause = {"NodeNotReady",
                   {"node/" + state.node},
                   "node " + state.node + " does not answer (NodeNotReady)"};
  }
  if (!state.cause && state.phase == "Running") state.cause = unhealthy_device(statuses);
  if (!state.cause && state.phase == "Running" && !state.ready)
    state.cause = not_ready_cause(statuses, memory, events);
  if (state.cause) state.cause.objects.insert(state.cause.objects.begin(), "pod/" + state.name);
  if (at(pod, {"metadata", "deletionTimestamp"}).is_string() && state.phase == "Running") {
    state.phase = "Terminating";
    state.ready = false;
  }
  return state;
}

}  // namespace lotse::workload
