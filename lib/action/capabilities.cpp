#include "action/capabilities.h"

#include "kube/access.h"
#include "kube/discovery.h"
#include "object/kind.h"

namespace lotse::action {

namespace {

/// Who puts a Job into a queue needs no right to make one.
bool may_use(kube::Client& client, const object::Kind& kind) {
  return kind.kind == "LocalQueue" ||
         kube::is_allowed(client, {"create", object::group_of(kind.api_version), kind.plural});
}

}  // namespace

nlohmann::json capabilities(Cluster& cluster, const std::filesystem::path& cache) {
  auto kinds = kube::kinds(cluster.client(), cache);
  std::erase_if(kinds, [&](const object::Kind& kind) {
    return object::capability_of(kind.api_version, kind.kind).empty() ||
           !may_use(cluster.client(), kind);
  });
  return {{"capabilities", object::capabilities_of(kinds)}};
}

}  // namespace lotse::action
