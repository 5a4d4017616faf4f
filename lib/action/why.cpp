#include "action/why.h"

#include "action/cluster.h"
#include "action/room.h"
#include "action/status.h"
#include "base/error.h"
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

}  // namespace

Explanation why(Target& target, const std::string& name) {
  const auto objects = snapshot_of(target, name);
  Explanation explanation{workload::state_of(name, objects), {}};
  std::vector<workload::Cause*> about_room;
  for (auto& cause : explanation.state.causes)
    if (is_about_room(cause)) about_room.push_back(&cause);
  if (about_room.empty() || target.cluster() == nullptr) return explanation;
  try {
    add_nearest_nodes(target.cluster()->client(), objects, about_room);
  } catch (const base::Error& error) {
    if (error.kind() != base::ErrorKind::denied && error.kind() != base::ErrorKind::unreachable)
      throw;
    explanation.notes.push_back(std::string("nodes were not compared: ") + error.what());
  }
  return explanation;
}

}  // namespace lotse::action
