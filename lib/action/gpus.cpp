#include "action/gpus.h"

#include "action/cluster.h"
#include "action/room.h"
#include "base/error.h"

namespace lotse::action {

std::vector<workload::Gpus> gpus(Target& target) {
  if (target.cluster() == nullptr)
    throw base::Error(base::ErrorKind::invalid, "gpus looks at the nodes of a cluster",
                      "`nvidia-smi` shows those of this machine");
  auto& client = target.cluster()->client();
  const auto nodes = nodes_of(client);
  return workload::gpus_of(nodes, occupied_of(client));
}

}  // namespace lotse::action
