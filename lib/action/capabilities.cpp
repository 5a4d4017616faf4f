#include "action/capabilities.h"

#include <algorithm>

#include "kube/access.h"
#include "kube/discovery.h"

namespace lotse::action {

nlohmann::json capabilities(Cluster& cluster, const std::filesystem::path& cache) {
  auto kinds = kube::kinds(cluster.client(), cache);
  const auto& optional = object::optional_kinds();
  std::erase_if(kinds, [&](const object::Kind& kind) {
    const bool asked = std::any_of(optional.begin(), optional.end(), [&](const auto& each) {
      return each.api_version == kind.api_version && each.kind == kind.kind;
    });
    return !asked || !kube::is_allowed(cluster.client(),
                                       {"create", object::group_of(kind.api_version), kind.plural});
  });
  return {{"capabilities", object::capabilities_of(kinds)}};
}

}  // namespace lotse::action
