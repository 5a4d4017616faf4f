#pragma once
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace lotse::local {

using nlohmann::json;

/// Checks that every object can be carried out here with the meaning that it has in a cluster.
/// Throws Error(invalid) with one diagnostic for each kind, field or image that cannot.
/// Honoured: what supervisor, job, deployment, pod and proxy read. Left out, because they change
/// where or with what rights a pod runs and not what it does: nodeSelector, tolerations, affinity,
/// priorities, security contexts, service accounts, DNS; the kinds PodDisruptionBudget,
/// HorizontalPodAutoscaler, NetworkPolicy, ServiceAccount, Role and RoleBinding. All else is
/// refused. `claim_exists` says whether a claim that is not among the manifests is already here.
void check_manifests(const std::vector<json>& manifests,
                     const std::function<bool(const std::string&)>& claim_exists);

/// Finds the object of that kind and name; null if there is none.
const json* find_object(const std::vector<json>& objects, const std::string& kind,
                        const std::string& name);

/// "Job/train-x": how messages name an object.
std::string object_title(const json& object);

}  // namespace lotse::local
