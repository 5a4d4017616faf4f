#pragma once
#include <set>
#include <string>
#include <vector>

#include "action/cluster.h"
#include "action/plan.h"

namespace lotse::action {

/// An image that pods would run, or mount.
struct ImageUse {
  std::string name;  ///< as the pod has it
  std::string of;    ///< "deployment/NAME", "volume model of deployment/NAME"
  std::set<std::string> architectures =
      {};                    ///< of the nodes that may take the pod; empty: nobody knows
  bool may_be_there = true;  ///< a node that has the image does not ask for it again
};

/// The images of a pod's containers and of its volumes.
std::vector<ImageUse> images_of(const json& pod, const std::string& of);

/// How nodes name those of the images that they may have already.
std::set<std::string> names_on_nodes(const std::vector<ImageUse>& images);

/// Whether the registries have these images, and for the nodes' architectures, as they answer from
/// here, each asked once, all within two seconds. What could not be asked becomes a note: the nodes
/// may reach more. `nodes` may be empty.
void look_at_images(const Cluster& cluster, std::vector<ImageUse> images,
                    const std::vector<json>& nodes, Plan& plan);

}  // namespace lotse::action
