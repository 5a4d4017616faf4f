#include "action/why.h"

#include <algorithm>
#include <functional>

#include "action/cluster.h"
#include "action/events.h"
#include "action/room.h"
#include "action/status.h"
#include "action/workload_kinds.h"
#include "base/error.h"
#include "base/strings.h"
#include "kube/lists.h"
#include "object/member.h"
#include "workload/fit.h"

namespace lotse::action {

namespace {

bool is_about_room(const workload::Cause& cause) {
  return cause.code == "NoNodeFits" || cause.code == "NodeTainted";
}

/// The pod that a cause names first.
const json* pod_of(const workload::Cause& cause, const Snapshot& objects) {
  constexpr std::string_view prefix = "pod/";
  for (const auto& object : cause.objects)
    if (object.starts_with(prefix)) return objects.find("Pod", object.substr(prefix.size()));
  return nullptr;
}

void add_nearest_nodes(kube::Client& client, const Snapshot& objects,
                       const std::vector<workload::Cause*>& causes) {
  const auto nodes = nodes_of(client);
  const auto occupied = occupied_of(client);
  for (auto* cause : causes) {
    const json* pod = pod_of(*cause, objects);
    if (pod == nullptr) continue;
    const auto misses = workload::misses(*pod, nodes, occupied);
    if (!misses.empty()) cause->evidence += "; nearest node: " + to_string(misses[0]);
  }
}

/// The Jobs by which its schedule sets the number of pods, with their pods and Events.
Snapshot scheduled_jobs(kube::Client& client, const std::string& name) {
  const kube::Selector of_schedule{base::cat(workload::label_schedule, "=", name), ""};
  Snapshot objects;
  for (auto& list : kube::list_all(
           client, {{&kind("batch/v1", "Job"), of_schedule}, {&kind("v1", "Pod"), of_schedule}}))
    for (auto& item : list.items) objects.add(std::move(item));
  for (auto& event : events_about(client, workload::names_in_trouble(name, objects)))
    objects.add(std::move(event));
  return objects;
}

/// What keeps the newest of those Jobs from doing so: it is not well, or has failed.
void add_schedule_trouble(kube::Client& client, workload::State& state) {
  const auto objects = scheduled_jobs(client, state.name);
  if (objects.of_kind("Job").empty()) return;
  auto job = workload::state_of(state.name, objects);
  if (job.causes.empty()) return;
  auto& first = job.causes[0];
  if (std::find(first.objects.begin(), first.objects.end(), job.object) == first.objects.end())
    first.objects.insert(first.objects.begin(), job.object);
  state.causes.push_back({"ScheduleFailing", first.objects, job.object + ": " + first.evidence});
  state.causes = ranked(std::move(state.causes));
}

/// Runs `look`; where the user may not look, or nobody answers, that becomes a note.
void or_note(Explanation& explanation, const char* what, const std::function<void()>& look) {
  try {
    look();
  } catch (const base::Error& error) {
    if (error.kind() != base::ErrorKind::denied && error.kind() != base::ErrorKind::unreachable)
      throw;
    explanation.notes.push_back(base::cat(what, ": ", error.what()));
  }
}

}  // namespace

Explanation why(Target& target, const std::string& name) {
  const auto objects = snapshot_of(target, name);
  Explanation explanation{workload::state_of(name, objects), {}};
  if (target.cluster() == nullptr) return explanation;
  auto& client = target.cluster()->client();
  if (explanation.state.long_running)
    or_note(explanation, "its schedule was not looked at",
            [&] { add_schedule_trouble(client, explanation.state); });
  std::vector<workload::Cause*> about_room;
  for (auto& cause : explanation.state.causes)
    if (is_about_room(cause)) about_room.push_back(&cause);
  if (!about_room.empty())
    or_note(explanation, "nodes were not compared",
            [&] { add_nearest_nodes(client, objects, about_room); });
  return explanation;
}

}  // namespace lotse::action
