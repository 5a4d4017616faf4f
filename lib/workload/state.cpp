#include "workload/state.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/number.h"
#include "base/strings.h"
#include "workload/fill.h"
#include "workload/pod.h"

namespace lotse::workload {

std::string to_string(Phase phase) {
  switch (phase) {
    case Phase::pending:
      return "Pending";
    case Phase::queued:
      return "Queued";
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
    case Phase::idle:
      return "Idle";
    case Phase::deleting:
      return "Deleting";
    case Phase::gone:
      return "Gone";
    case Phase::lost:
      return "Lost";
  }
  return "";
}

namespace {

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
  for (const json* object : objects.of_kind(kind))
    if (found == nullptr || age(*object) >= age(*found)) found = object;
  return found;
}

/// Of a Deployment's ReplicaSet that is not among the objects: its name says whose it is.
bool is_of_unlisted_set(const json& pod, const json& deployment, const Snapshot& objects) {
  const auto set = text_at(deployment, {"metadata", "name"}) + "-" +
                   text_at(pod, {"metadata", "labels", "pod-template-hash"});
  const auto& owners = list_at(pod, {"metadata", "ownerReferences"});
  return objects.find("ReplicaSet", set) == nullptr &&
         std::any_of(owners.begin(), owners.end(), [&](const json& owner) {
           return text_at(owner, {"kind"}) == "ReplicaSet" && text_at(owner, {"name"}) == set;
         });
}

/// Pods of a Job, or those of a Deployment's ReplicaSets; ranks in order, newer attempts first.
std::vector<PodState> pods_of(const json& owner, const Snapshot& objects) {
  auto pods = objects.owned_by(owner, "Pod");
  for (const json* set : objects.owned_by(owner, "ReplicaSet"))
    for (const json* pod : objects.owned_by(*set, "Pod")) pods.push_back(pod);
  if (text_at(owner, {"kind"}) == "Deployment")
    for (const json* pod : objects.of_kind("Pod"))
      if (is_of_unlisted_set(*pod, owner, objects)) pods.push_back(pod);
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

/// Where a Service answers: the annotation lotse.dev/url of the local executor, else its name
/// within the cluster.
std::vector<std::string> urls_of(const Snapshot& objects) {
  std::vector<std::string> urls;
  for (const json* service : objects.of_kind("Service")) {
    const auto& ports = list_at(*service, {"spec", "ports"});
    if (text_at(*service, {"spec", "clusterIP"}) == "None" || ports.empty()) continue;
    const auto local = text_at(*service, {"metadata", "annotations", annotation_url});
    urls.push_back(!local.empty() ? local
                                  : base::cat("http://", text_at(*service, {"metadata", "name"}),
                                              ".", text_at(*service, {"metadata", "namespace"}),
                                              ".svc:", number_at(ports[0], {"port"})));
  }
  return urls;
}

void fill_from_anchor(const json& object, State& state) {
  state.template_name = text_at(object, {"metadata", "labels", label_template});
  state.kind = text_at(object, {"metadata", "annotations", annotation_kind});
  state.revision =
      base::to_integer(text_at(object, {"metadata", "annotations", annotation_number})).value_or(0);
  state.created = text_at(object, {"metadata", "creationTimestamp"});
  if (state.kind.empty()) state.kind = state.template_name;
}

const json* anchor_in(const Snapshot& objects) {
  const json* anchor = nullptr;
  for (const json* map : objects.of_kind("ConfigMap"))
    if (!text_at(*map, {"metadata", "annotations", annotation_kind}).empty()) anchor = map;
  return anchor;
}

/// The Deployment, else the Job of the anchor's revision. Until that one is made an earlier one may
/// still be ending; once it has ended it says nothing of this revision.
const json* main_object(const json* anchor, const Snapshot& objects) {
  const auto revision = revision_of(anchor);
  const json* deployment = newest(objects, "Deployment", revision);
  if (deployment != nullptr) return deployment;
  const json* job = newest(objects, "Job", revision);
  if (job == nullptr || revision.empty()) return job;
  const auto its =
      text_at(*job, {"spec", "template", "metadata", "annotations", annotation_revision});
  const bool earlier = !its.empty() && its != revision;
  return earlier && (is_true(*job, "Complete") || is_true(*job, "Failed")) ? nullptr : job;
}

void fill_from(const json& main, const Snapshot& objects, State& state) {
  state.pods = pods_of(main, objects);
  state.object = base::lower(text_at(main, {"kind"})) + "/" + text_at(main, {"metadata", "name"});
  if (text_at(main, {"kind"}) == "Deployment")
    fill_deployment(main, objects, state);
  else
    fill_job(main, objects, state);
  if (is_true(main, "SupervisorLost") && !state.ended()) {
    state.phase = Phase::lost;
    tell({"SupervisorLost", {}, reason_of(main, "SupervisorLost")}, state);
  }
}

/// Or is as somebody wants it: no Event has more to say.
bool is_well(const State& state) {
  if (state.phase == Phase::succeeded || state.phase == Phase::ready || state.phase == Phase::idle)
    return true;
  if (state.phase == Phase::stopped && state.pods.empty()) return true;
  const auto unready = [](const PodState& pod) { return pod.phase == "Running" && !pod.ready; };
  return state.phase == Phase::running && state.reason.empty() &&
         std::none_of(state.pods.begin(), state.pods.end(), unready);
}

/// What an object that others made is about, as a reference; null for one of a workload itself.
const json& subject_of(const json& object) {
  const auto kind = text_at(object, {"kind"});
  if (kind == "Event") return object::subject_of(object);
  if (kind == "HorizontalPodAutoscaler") return at(object, {"spec", "scaleTargetRef"});
  const auto& owners = list_at(object, {"metadata", "ownerReferences"});
  return kind == "Workload" && !owners.empty() ? owners[0] : at(object, {"no subject"});
}

/// Those that a pod which cannot be placed waits for.
void add_claims(const std::string& pod, const Snapshot& objects, std::set<std::string>& claims) {
  const json* object = objects.find("Pod", pod);
  if (object == nullptr || !text_at(*object, {"spec", "nodeName"}).empty()) return;
  for (auto& claim : claims_of(at(*object, {"spec"}))) claims.insert(std::move(claim));
}

}  // namespace

bool State::impossible() const {
  return std::any_of(causes.begin(), causes.end(),
                     [](const Cause& cause) { return cause.impossible; });
}

State state_of(const std::string& name, const Snapshot& objects) {
  State state;
  state.name = name;
  const json* anchor = anchor_in(objects);
  const json* main = main_object(anchor, objects);
  if (main != nullptr) fill_from_anchor(*main, state);
  if (anchor != nullptr) fill_from_anchor(*anchor, state);
  state.urls = urls_of(objects);
  if (main != nullptr)
    fill_from(*main, objects, state);
  else
    fill_gone(anchor, objects, state);
  const json* kept = anchor != nullptr ? anchor : main;
  if (kept != nullptr && at(*kept, {"metadata", "deletionTimestamp"}).is_string())
    state.phase = Phase::deleting;
  state.causes = ranked(std::move(state.causes));
  return state;
}

std::vector<std::string> names_in_trouble(const std::string& name, const Snapshot& objects) {
  const State state = state_of(name, objects);
  if (is_well(state)) return {};
  const json* anchor = anchor_in(objects);
  const json* main = main_object(anchor, objects);
  if (main == nullptr) {
    if (state.phase != Phase::gone || anchor == nullptr)
      return {};  // the anchor knows how it ended
    return {job_name_of(*anchor)};
  }
  std::vector<std::string> names = {text_at(*main, {"metadata", "name"})};
  if (const json* set = state.long_running ? current_set(*main, objects) : nullptr)
    names.push_back(text_at(*set, {"metadata", "name"}));
  std::set<std::string> claims;
  for (const auto& pod : state.pods) {
    if (pod.phase != "Pending" && (pod.phase != "Running" || pod.ready)) continue;
    names.push_back(pod.name);
    if (pod.phase == "Pending") add_claims(pod.name, objects, claims);
  }
  names.insert(names.end(), claims.begin(), claims.end());
  return names;
}

Explaining explaining(const Snapshot& objects) {
  Explaining wanted;
  wanted.autoscalers = !objects.of_kind("Deployment").empty();
  for (const json* job : objects.of_kind("Job"))
    if (at(*job, {"spec", "suspend"}) == true &&
        !text_at(*job, {"metadata", "labels", label_queue}).empty())
      wanted.queued.push_back(text_at(*job, {"metadata", "uid"}));
  for (const json* pod : objects.of_kind("Pod"))
    wanted.pod_groups |= text_at(*pod, {"spec", "nodeName"}).empty() && !pod_group_of(*pod).empty();
  return wanted;
}

std::string result_of(const State& state, const std::string& revision) {
  json result = {{"revision", revision},
                 {"phase", to_string(state.phase)},
                 {"exitCode", state.exit_code.value_or(0)},
                 {"reason", state.reason}};
  if (state.container_code) result["containerCode"] = *state.container_code;
  if (!state.causes.empty()) result["cause"] = state.causes[0].code.kind().code;
  return result.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::vector<std::vector<std::string_view>> unread_of_workloads() {
  std::vector<std::vector<std::string_view>> unread = {{"metadata", "managedFields"},
                                                       {"data"},
                                                       {"binaryData"},
                                                       {"spec", "template", "spec"},
                                                       {"spec", "affinity"},
                                                       {"spec", "nodeSelector"},
                                                       {"spec", "securityContext"},
                                                       {"spec", "tolerations"},
                                                       {"spec", "podFailurePolicy"}};
  for (const auto* list : {"containers", "initContainers"})
    for (const auto* part :
         {"args", "command", "env", "envFrom", "lifecycle", "livenessProbe", "ports",
          "readinessProbe", "securityContext", "startupProbe", "volumeMounts"})
      unread.push_back({"spec", list, part});
  return unread;
}

std::vector<std::pair<std::string, Snapshot>> by_workload(Snapshot objects) {
  std::map<std::string, const json*> members;  // of each PodGroup one
  for (const json* pod : objects.of_kind("Pod"))
    if (auto group = pod_group_of(*pod); !group.empty()) members.emplace(std::move(group), pod);
  const auto workload_of = [&](const json& object) {
    const json* whose = &object;
    if (text_at(object, {"kind"}) == "PodGroup") {
      const auto member = members.find(text_at(object, {"metadata", "name"}));
      whose = member == members.end() ? nullptr : member->second;
    }
    if (const json& about = subject_of(object); about.is_object())
      whose = objects.find(text_at(about, {"kind"}), text_at(about, {"name"}));
    return whose == nullptr ? "" : text_at(*whose, {"metadata", "labels", label_workload});
  };
  std::vector<std::string> names;
  for (const auto& object : objects) names.push_back(workload_of(object));
  std::map<std::string, Snapshot> sorted;
  auto all = std::move(objects).take();
  for (size_t i = 0; i < all.size(); ++i)
    if (!names[i].empty()) sorted[names[i]].add(std::move(all[i]));
  return {std::make_move_iterator(sorted.begin()), std::make_move_iterator(sorted.end())};
}

json to_json(const State& state) {
  const auto or_null = [](const auto& value) { return value ? json(*value) : json(nullptr); };
  json causes = json::array();
  for (const auto& cause : state.causes) causes.push_back(to_json(cause, state.name));
  json pods = json::array();
  for (const auto& pod : state.pods)
    pods.push_back({{"name", pod.name},
                    {"rank", or_null(pod.rank)},
                    {"phase", pod.phase},
                    {"ready", pod.ready},
                    {"node", pod.node},
                    {"restarts", pod.restarts},
                    {"exitCode", or_null(pod.exit_code)},
                    {"cause", pod.cause ? json(pod.cause.code.kind().code) : json(nullptr)},
                    {"reason", pod.cause.evidence},
                    {"started", pod.started}});
  return {{"name", state.name},
          {"kind", state.kind},
          {"template", state.template_name},
          {"revision", state.revision},
          {"created", state.created},
          {"object", state.object},
          {"phase", to_string(state.phase)},
          {"wanted", state.wanted},
          {"ready", state.ready},
          {"exitCode", or_null(state.exit_code)},
          {"containerCode", or_null(state.container_code)},
          {"reason", state.reason},
          {"impossible", state.impossible()},
          {"causes", causes},
          {"urls", state.urls},
          {"progress", state.progress ? to_json(*state.progress) : json()},
          {"pods", pods}};
}

}  // namespace lotse::workload
