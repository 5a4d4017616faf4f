#include "action/room.h"

#include "kube/lists.h"
#include "object/kind.h"

namespace lotse::action {

std::vector<nlohmann::json> nodes_of(kube::Client& client) {
  return kube::list_everywhere(client, *object::find_kind("v1", "Node"), {},
                               workload::unread_of_nodes());
}

workload::Occupied occupied_of(kube::Client& client) {
  workload::Occupied occupied;
  kube::each_everywhere(
      client, *object::find_kind("v1", "Pod"), {"", "status.phase!=Succeeded,status.phase!=Failed"},
      workload::unread_of_pods_elsewhere(), [&](const nlohmann::json& pod) { occupied.add(pod); });
  return occupied;
}

}  // namespace lotse::action
