#include "action/gpus.h"

#include "action/cluster.h"
#include "base/error.h"
#include "kube/lists.h"

namespace lotse::action {

std::vector<workload::Gpus> gpus(Target& target) {
  if (target.cluster() == nullptr)
    throw base::Error(base::ErrorKind::invalid, "gpus looks at the nodes of a cluster",
                      "`nvidia-smi` shows those of this machine");
  auto& client = target.cluster()->client();
  return workload::gpus_of(
      kube::list_everywhere(client, *object::find_kind("v1", "Node")),
      kube::list_everywhere(client, *object::find_kind("v1", "Pod"),
                            {"", "status.phase!=Succeeded,status.phase!=Failed"}));
}

}  // namespace lotse::action
