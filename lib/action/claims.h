#pragma once
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "kube/client.h"

namespace lotse::action {

/// The claims that the pods of these objects mount and that are not among the objects have to be
/// in the namespace. Throws Error(not_found) naming those that are not there or are being deleted:
/// a pod would wait for them for ever. Throws Error(invalid) where not all pods of a Job can mount
/// one; of a Deployment it warns.
void check_claims(kube::Client& client, const std::vector<nlohmann::json>& objects);

/// How many pods an object has at the same time: of a Deployment with an autoscaler among
/// `objects`, or with a schedule, up to so many.
int64_t most_pods(const nlohmann::json& object, const std::vector<nlohmann::json>& objects);

/// Whether it is of no use where only some of its pods can mount their claims: a Job. The pods of a
/// Deployment serve without each other, and on a cluster of one node all of them can.
bool needs_all_pods(const nlohmann::json& object);

/// Why not all of the pods of an object that has so many can mount the claim, by its access modes;
/// nothing if they can. Pods that are held together on one node can mount what one node can.
std::optional<std::string> why_out_of_reach(const nlohmann::json& object, int64_t pods,
                                            const nlohmann::json& claim);

}  // namespace lotse::action
