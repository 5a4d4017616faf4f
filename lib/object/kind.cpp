#include "object/kind.h"

#include <algorithm>

#include "base/error.h"
#include "base/strings.h"

namespace lotse::object {

namespace {

struct Entry {
  Kind kind;
  std::vector<std::string> short_names = {};
};

/// The kinds that every server from 1.33 to 1.37 has, without those that can only be created
/// (reviews, bindings). Where two groups have a word in common, the first one in this table is
/// meant.
const std::vector<Entry>& table() {
  static const std::vector<Entry> kinds = {
      {{"v1", "ComponentStatus", "componentstatuses", false}, {"cs"}},
      {{"v1", "ConfigMap", "configmaps"}, {"cm"}},
      {{"v1", "Endpoints", "endpoints"}, {"ep"}},
      {{"v1", "Event", "events"}, {"ev"}},
      {{"v1", "LimitRange", "limitranges"}, {"limits"}},
      {{"v1", "Namespace", "namespaces", false}, {"ns"}},
      {{"v1", "Node", "nodes", false}, {"no"}},
      {{"v1", "PersistentVolume", "persistentvolumes", false}, {"pv"}},
      {{"v1", "PersistentVolumeClaim", "persistentvolumeclaims"}, {"pvc"}},
      {{"v1", "Pod", "pods"}, {"po"}},
      {{"v1", "PodTemplate", "podtemplates"}},
      {{"v1", "ReplicationController", "replicationcontrollers"}, {"rc"}},
      {{"v1", "ResourceQuota", "resourcequotas"}, {"quota"}},
      {{"v1", "Secret", "secrets"}},
      {{"v1", "Service", "services"}, {"svc"}},
      {{"v1", "ServiceAccount", "serviceaccounts"}, {"sa"}},
      {{"apps/v1", "ControllerRevision", "controllerrevisions"}},
      {{"apps/v1", "DaemonSet", "daemonsets"}, {"ds"}},
      {{"apps/v1", "Deployment", "deployments"}, {"deploy"}},
      {{"apps/v1", "ReplicaSet", "replicasets"}, {"rs"}},
      {{"apps/v1", "StatefulSet", "statefulsets"}, {"sts"}},
      {{"events.k8s.io/v1", "Event", "events"}, {"ev"}},
      {{"autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers"}, {"hpa"}},
      {{"batch/v1", "CronJob", "cronjobs"}, {"cj"}},
      {{"batch/v1", "Job", "jobs"}},
      {{"certificates.k8s.io/v1", "CertificateSigningRequest", "certificatesigningrequests", false},
       {"csr"}},
      {{"networking.k8s.io/v1", "Ingress", "ingresses"}, {"ing"}},
      {{"networking.k8s.io/v1", "IngressClass", "ingressclasses", false}},
      {{"networking.k8s.io/v1", "IPAddress", "ipaddresses", false}, {"ip"}},
      {{"networking.k8s.io/v1", "NetworkPolicy", "networkpolicies"}, {"netpol"}},
      {{"networking.k8s.io/v1", "ServiceCIDR", "servicecidrs", false}},
      {{"policy/v1", "PodDisruptionBudget", "poddisruptionbudgets"}, {"pdb"}},
      {{"rbac.authorization.k8s.io/v1", "ClusterRole", "clusterroles", false}},
      {{"rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "clusterrolebindings", false}},
      {{"rbac.authorization.k8s.io/v1", "Role", "roles"}},
      {{"rbac.authorization.k8s.io/v1", "RoleBinding", "rolebindings"}},
      {{"storage.k8s.io/v1", "CSIDriver", "csidrivers", false}},
      {{"storage.k8s.io/v1", "CSINode", "csinodes", false}},
      {{"storage.k8s.io/v1", "CSIStorageCapacity", "csistoragecapacities"}},
      {{"storage.k8s.io/v1", "StorageClass", "storageclasses", false}, {"sc"}},
      {{"storage.k8s.io/v1", "VolumeAttachment", "volumeattachments", false}},
      {{"admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration",
        "mutatingwebhookconfigurations", false}},
      {{"admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy",
        "validatingadmissionpolicies", false}},
      {{"admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding",
        "validatingadmissionpolicybindings", false}},
      {{"admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration",
        "validatingwebhookconfigurations", false}},
      {{"apiextensions.k8s.io/v1", "CustomResourceDefinition", "customresourcedefinitions", false},
       {"crd", "crds"}},
      {{"apiregistration.k8s.io/v1", "APIService", "apiservices", false}},
      {{"coordination.k8s.io/v1", "Lease", "leases"}},
      {{"discovery.k8s.io/v1", "EndpointSlice", "endpointslices"}},
      {{"flowcontrol.apiserver.k8s.io/v1", "FlowSchema", "flowschemas", false}},
      {{"flowcontrol.apiserver.k8s.io/v1", "PriorityLevelConfiguration",
        "prioritylevelconfigurations", false}},
      {{"node.k8s.io/v1", "RuntimeClass", "runtimeclasses", false}},
      {{"scheduling.k8s.io/v1", "PriorityClass", "priorityclasses", false}, {"pc"}},
      {{"authorization.k8s.io/v1", "SelfSubjectAccessReview", "selfsubjectaccessreviews", false}},
  };
  return kinds;
}

}  // namespace

const std::vector<Kind>& optional_kinds() {
  static const std::vector<Kind> kinds = {
      {"resource.k8s.io/v1", "ResourceClaimTemplate", "resourceclaimtemplates"},
      {"scheduling.k8s.io/v1beta1", "PodGroup", "podgroups"},
      {"scheduling.k8s.io/v1alpha3", "PodGroup", "podgroups"},
      {"gateway.networking.k8s.io/v1", "HTTPRoute", "httproutes"},
      {"monitoring.coreos.com/v1", "ServiceMonitor", "servicemonitors"},
      {"kueue.x-k8s.io/v1beta2", "LocalQueue", "localqueues"},
      {"kueue.x-k8s.io/v1beta1", "LocalQueue", "localqueues"}};
  return kinds;
}

std::string capability_of(std::string_view api_version, std::string_view kind) {
  for (const auto& known : optional_kinds())
    if (known.api_version == api_version && known.kind == kind)
      return known.kind + "." + group_of(known.api_version);
  return "";
}

json capabilities_of(const std::vector<Kind>& kinds) {
  json all = json::object();
  for (const auto& known : optional_kinds())
    for (const auto& kind : kinds)
      if (kind.api_version == known.api_version && kind.kind == known.kind)
        all.emplace(capability_of(kind.api_version, kind.kind), kind.api_version);
  return all;
}

const Kind* find_kind(std::string_view api_version, std::string_view kind) {
  for (const auto& entry : table())
    if (entry.kind.api_version == api_version && entry.kind.kind == kind) return &entry.kind;
  for (const auto& known : optional_kinds())
    if (known.api_version == api_version && known.kind == kind) return &known;
  return nullptr;
}

std::string group_of(std::string_view api_version) {
  const auto slash = api_version.find('/');
  return slash == std::string_view::npos ? "" : std::string(api_version.substr(0, slash));
}

std::string version_of(std::string_view api_version) {
  const auto slash = api_version.find('/');
  return std::string(slash == std::string_view::npos ? api_version : api_version.substr(slash + 1));
}

bool is_named(const Kind& kind, const std::vector<std::string>& short_names,
              std::string_view word) {
  const auto dot = word.find('.');
  const auto name = base::lower(word.substr(0, dot));
  const bool right = name == base::lower(kind.kind) || name == kind.plural ||
                     std::find(short_names.begin(), short_names.end(), name) != short_names.end();
  if (!right || dot == std::string_view::npos) return right;
  const auto rest = word.substr(dot + 1);
  const auto group = group_of(kind.api_version);
  return rest == group || rest == version_of(kind.api_version) + "." + group;
}

const Kind* find_kind(std::string_view word) {
  for (const auto& entry : table())
    if (is_named(entry.kind, entry.short_names, word)) return &entry.kind;
  return nullptr;
}

std::vector<std::string> plural_names() {
  std::vector<std::string> names;
  for (const auto& entry : table()) names.push_back(entry.kind.plural);
  return names;
}

std::string type_name(const Kind& kind) {
  const auto group = group_of(kind.api_version);
  return base::lower(kind.kind) + (group.empty() ? "" : "." + group);
}

namespace {
/// apimachinery's IsValidPathSegmentName.
std::string segment(const std::string& name) {
  if (name == "." || name == ".." || name.find_first_of("/%") != std::string::npos)
    throw base::Error(base::ErrorKind::invalid, "'" + name + "' is no name of an object",
                      "a name is not '.' or '..', and has no '/' and no '%' in it");
  return "/" + base::percent_encoded(name);
}
}  // namespace

std::string path_of(const Kind& kind, const std::string& space, const std::string& name) {
  const bool core = kind.api_version.find('/') == std::string::npos;
  std::string path = (core ? "/api/" : "/apis/") + kind.api_version;
  if (kind.namespaced && !space.empty()) path += "/namespaces" + segment(space);
  path += "/" + kind.plural;
  return name.empty() ? path : path + segment(name);
}

}  // namespace lotse::object
