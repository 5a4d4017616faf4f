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

/// What the commands ask of the server, and nothing else: the Role of the documentation. The
/// cluster case `role` holds the two together.
std::vector<Need> needs() {
  const Verbs written = {"get", "list", "watch", "create", "patch", "delete"};
  const Verbs stream = {"get", "create"};
  return {
      {{"", "", "configmaps"}, written},
      {{"", "", "services"}, written},
      {{"", "", "persistentvolumeclaims"}, written},
      {{"", "", "secrets"}, {"get", "list", "create", "patch", "delete"}},
      {{"", "batch", "jobs"}, written},
      {{"", "apps", "deployments"}, written},
      {{"", "apps", "deployments", "scale"}, {"patch"}},
      {{"", "batch", "cronjobs"}, {"get", "list", "create", "patch", "delete"}},
      {{"", "", "serviceaccounts"}, {"get", "list", "create", "patch", "delete"}},
      {{"", "rbac.authorization.k8s.io", "roles"}, {"get", "list", "create", "patch", "delete"}},
      {{"", "rbac.authorization.k8s.io", "rolebindings"},
       {"get", "list", "create", "patch", "delete"}},
      {{"", "monitoring.coreos.com", "servicemonitors"},
       {"get", "list", "create", "patch", "delete"}},
      {{"", "policy", "poddisruptionbudgets"}, {"get", "list", "create", "patch", "delete"}},
      {{"", "networking.k8s.io", "networkpolicies"}, {"get", "list", "create", "patch", "delete"}},
      {{"", "", "pods"}, {"get", "list", "watch", "create", "patch", "delete"}},
      {{"", "", "pods", "exec"}, stream},
      {{"", "", "pods", "portforward"}, stream},
      {{"", "", "pods", "log"}, {"get"}},
      {{"", "", "events"}, {"list", "watch"}},
      {{"", "events.k8s.io", "events"}, {"list", "watch"}},
      {{"", "apps", "replicasets"}, {"list", "watch"}},
      {{"", "autoscaling", "horizontalpodautoscalers"},
       {"get", "list", "create", "patch", "delete"}},
      {{"", "kueue.x-k8s.io", "workloads"}, {"list", "patch"}},
      {{"", "kueue.x-k8s.io", "localqueues"}, {"get"}},
      {{"", "scheduling.k8s.io", "podgroups"}, {"get", "list", "create", "patch", "delete"}},
      {{"", "resource.k8s.io", "resourceclaimtemplates"},
       {"get", "list", "create", "patch", "delete"}},
      {{"", "gateway.networking.k8s.io", "httproutes"},
       {"get", "list", "create", "patch", "delete"}},
      {{"", "metrics.k8s.io", "pods"}, {"list"}}};
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

AccessReport check_access(const identity::Settings& settings) {
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
