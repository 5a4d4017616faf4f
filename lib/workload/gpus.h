#pragma once
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "workload/fit.h"

namespace lotse::workload {

using nlohmann::json;

/// What a cluster has of one kind of GPU.
struct Gpus {
  std::string type;      ///< the product, as the nodes' labels name it; "" if they do not
  std::string resource;  ///< "nvidia.com/gpu", "nvidia.com/mig-1g.10gb"
  int64_t nodes = 0;
  int64_t total = 0;    ///< allocatable on all of these nodes
  int64_t used = 0;     ///< requested by pods that are on them
  int64_t free = 0;     ///< on nodes that are ready and not cordoned
  int64_t largest = 0;  ///< free on one such node: what one pod could get
};

/// By type and resource. A GPU is an extended resource that a device plugin calls so:
/// "DOMAIN/...gpu..." or "DOMAIN/mig-...".
std::vector<Gpus> gpus_of(const std::vector<json>& nodes, const Occupied& occupied);

}  // namespace lotse::workload
