#include "action/capabilities.h"

#include "kube/access.h"
#include "kube/discovery.h"
#include "object/kind.h"

namespace lotse::action {

nlohmann::json capabilities(Cluster& cluster, const std::filesystem::path& cache) {
  auto kinds = kube::kinds(cluster.client(), cache);
  std::erase_if(kinds, [&](const object::Kind& kind) {
    return object::capability_of(kind.api_version, kind.kind).empty() ||
           !kube::is_allowed(cluster.client(),
                             {"create", object::group_of(kind.api_version), kind.plural});
  });
  return {{"capabilities", object::capabilities_of(kinds)}};
}

}  // namespace lotse::action
