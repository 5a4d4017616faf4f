#include "action/access.h"

#include <algorithm>

#include "action/cluster.h"
#include "kube/access.h"

namespace lotse::action {

namespace {

using Verbs = std::vector<std::string>;

struct Need {
  kube::Right right;  // without its verb
  Verbs verbs;
};

/// The Role of the documentation; the cluster case `role` holds the two together.
std::vector<Need> needs() {
  const Verbs written = {"get", "list", "watch", "create", "update", "patch", "delete"};
  const Verbs read = {"get", "list", "watch"};
  const Verbs stream = {"get", "create"};
  return {{{"", "", "configmaps"}, written},
          {{"", "", "secrets"}, written},
          {{"", "", "services"}, written},
          {{"", "", "persistentvolumeclaims"}, written},
          {{"", "batch", "jobs"}, written},
          {{"", "apps", "deployments"}, written},
          {{"", "autoscaling", "horizontalpodautoscalers"}, written},
          {{"", "policy", "poddisruptionbudgets"}, written},
          {{"", "coordination.k8s.io", "leases"}, written},
          {{"", "", "pods"}, {"get", "list", "watch", "create", "patch", "delete"}},
          {{"", "", "pods", "exec"}, stream},
          {{"", "", "pods", "portforward"}, stream},
          {{"", "", "pods", "log"}, read},
          {{"", "", "events"}, read},
          {{"", "events.k8s.io", "events"}, read},
          {{"", "apps", "replicasets"}, read}};
}

std::string name_of(const kube::Right& right) {
  auto name = right.resource;
  if (!right.group.empty()) name += "." + right.group;
  if (!right.subresource.empty()) name += "/" + right.subresource;
  return name;
}

}  // namespace

bool AccessReport::is_complete() const {
  return std::all_of(rights.begin(), rights.end(),
                     [](const Access& each) { return each.missing.empty(); });
}

AccessReport check_access(const kube::Settings& settings) {
  Connected connected(settings);
  auto& client = connected.client();
  AccessReport report{settings.context.empty() ? "in-cluster" : settings.context,
                      client.name_space(),
                      settings.server,
                      client.server_version(),
                      {}};
  for (auto& [right, verbs] : needs()) {
    Access access{name_of(right), {}, {}};
    for (const auto& verb : verbs) {
      right.verb = verb;
      (kube::is_allowed(client, right) ? access.allowed : access.missing).push_back(verb);
    }
    report.rights.push_back(std::move(access));
  }
  return report;
}

}  // namespace lotse::action
