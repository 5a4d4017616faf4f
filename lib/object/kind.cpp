#include "object/kind.h"

#include <array>

#include "base/strings.h"

namespace lotse::object {

namespace {

struct Entry {
  Kind kind;
  const char* short_name;
};

const std::array<Entry, 27>& table() {
  static const std::array<Entry, 27> kinds = {{
      {{"v1", "ConfigMap", "configmaps"}, "cm"},
      {{"v1", "Endpoints", "endpoints"}, "ep"},
      {{"v1", "Event", "events"}, "ev"},
      {{"v1", "Namespace", "namespaces", false}, "ns"},
      {{"v1", "Node", "nodes", false}, "no"},
      {{"v1", "PersistentVolume", "persistentvolumes", false}, "pv"},
      {{"v1", "PersistentVolumeClaim", "persistentvolumeclaims"}, "pvc"},
      {{"v1", "Pod", "pods"}, "po"},
      {{"v1", "Secret", "secrets"}, ""},
      {{"v1", "Service", "services"}, "svc"},
      {{"v1", "ServiceAccount", "serviceaccounts"}, "sa"},
      {{"apps/v1", "DaemonSet", "daemonsets"}, "ds"},
      {{"apps/v1", "Deployment", "deployments"}, "deploy"},
      {{"apps/v1", "ReplicaSet", "replicasets"}, "rs"},
      {{"apps/v1", "StatefulSet", "statefulsets"}, "sts"},
      {{"autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers"}, "hpa"},
      {{"batch/v1", "CronJob", "cronjobs"}, "cj"},
      {{"batch/v1", "Job", "jobs"}, ""},
      {{"coordination.k8s.io/v1", "Lease", "leases"}, ""},
      {{"discovery.k8s.io/v1", "EndpointSlice", "endpointslices"}, ""},
      {{"networking.k8s.io/v1", "Ingress", "ingresses"}, "ing"},
      {{"networking.k8s.io/v1", "NetworkPolicy", "networkpolicies"}, "netpol"},
      {{"policy/v1", "PodDisruptionBudget", "poddisruptionbudgets"}, "pdb"},
      {{"rbac.authorization.k8s.io/v1", "Role", "roles"}, ""},
      {{"rbac.authorization.k8s.io/v1", "RoleBinding", "rolebindings"}, ""},
      {{"storage.k8s.io/v1", "StorageClass", "storageclasses", false}, "sc"},
      {{"authorization.k8s.io/v1", "SelfSubjectAccessReview", "selfsubjectaccessreviews", false},
       ""},
  }};
  return kinds;
}

}  // namespace

const Kind* find_kind(std::string_view api_version, std::string_view kind) {
  for (const auto& entry : table())
    if (entry.kind.api_version == api_version && entry.kind.kind == kind) return &entry.kind;
  return nullptr;
}

const Kind* find_kind(std::string_view word) {
  const std::string wanted = base::lower(word);
  for (const auto& entry : table())
    if (wanted == base::lower(entry.kind.kind) || wanted == entry.kind.plural ||
        (!wanted.empty() && wanted == entry.short_name))
      return &entry.kind;
  return nullptr;
}

std::string path_of(const Kind& kind, const std::string& space, const std::string& name) {
  const bool core = kind.api_version.find('/') == std::string::npos;
  std::string path = (core ? "/api/" : "/apis/") + kind.api_version;
  if (kind.namespaced && !space.empty()) path += "/namespaces/" + space;
  path += "/" + kind.plural;
  return name.empty() ? path : path + "/" + name;
}

}  // namespace lotse::object
