#pragma once
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "object/quantity.h"

namespace lotse::workload {

using nlohmann::json;

using Resources = std::map<std::string, object::Quantity>;

/// What the scheduler counts for a pod: per resource the sum of its containers (sidecars among
/// them), or what an init container needs beside the sidecars before it, if that is more; the
/// overhead of its runtime class; one of "pods" (Kubernetes, "Resource Management for Pods and
/// Containers"; KEP-753 for sidecars).
Resources requests_of(const json& pod);

/// Whether a pod occupies what it asks for on a node.
bool is_on_a_node(const json& pod);

/// What pods occupy, by the name of their node.
class Occupied {
 public:
  void add(const json& pod);
  const Resources& on(const std::string& node) const;

 private:
  std::map<std::string, Resources> nodes_;
};

/// The members of pods and nodes that neither Occupied, misses, gpus_of (gpus.h) nor a search for
/// images looks at, as keys from the outside in; "containers" stands for each of them. Whoever
/// leaves them out of lists of thousands needs a tenth of the memory.
std::vector<std::vector<std::string_view>> unread_of_pods_elsewhere();
std::vector<std::vector<std::string_view>> unread_of_nodes();

/// Why one node does not take a pod now.
struct Miss {
  std::string node;
  std::vector<std::string> obstacles;  ///< "lacks 2 of 4 cpu", "is cordoned", ...; none: it fits
};

/// For every node what is in the way of `pod`, the nearest first: selector, taints, cordon, and
/// what all the pods of the cluster leave of its allocatable resources. Affinity between pods,
/// spread and matchFields are not looked at.
std::vector<Miss> misses(const json& pod, const std::vector<json>& nodes, const Occupied& occupied);

/// "node-1 lacks 2 of 4 cpu, is cordoned".
std::string to_string(const Miss& miss);

}  // namespace lotse::workload
