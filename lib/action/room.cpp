#include "action/room.h"

#include <algorithm>

#include "kube/lists.h"
#include "object/kind.h"
#include "object/member.h"

namespace lotse::action {

namespace {

/// Of a node's images those that have one of these names.
void keep_images(nlohmann::json& node, const std::set<std::string>& names) {
  if (object::list_at(node, {"status", "images"}).empty()) return;
  auto& images = node["status"]["images"].get_ref<nlohmann::json::array_t&>();
  std::erase_if(images, [&](const nlohmann::json& image) {
    const auto& its = object::list_at(image, {"names"});
    return std::none_of(its.begin(), its.end(), [&](const nlohmann::json& name) {
      return name.is_string() && names.contains(name.get_ref<const std::string&>());
    });
  });
}

}  // namespace

std::vector<nlohmann::json> nodes_of(kube::Client& client, const std::set<std::string>& images) {
  auto unread = workload::unread_of_nodes();
  if (images.empty()) unread.push_back({"status", "images"});
  std::vector<nlohmann::json> nodes;
  kube::each_everywhere(client, *object::find_kind("v1", "Node"), {}, unread,
                        [&](nlohmann::json node) {
                          keep_images(node, images);
                          nodes.push_back(std::move(node));
                        });
  return nodes;
}

workload::Occupied occupied_of(kube::Client& client) {
  workload::Occupied occupied;
  kube::each_everywhere(
      client, *object::find_kind("v1", "Pod"), {"", "status.phase!=Succeeded,status.phase!=Failed"},
      workload::unread_of_pods_elsewhere(), [&](const nlohmann::json& pod) { occupied.add(pod); });
  return occupied;
}

}  // namespace lotse::action
