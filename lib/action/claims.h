#pragma once
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "kube/client.h"

namespace lotse::action {

/// The claims that the pods of these objects mount and that are not among the objects have to be
/// in the namespace. Throws Error(not_found) naming those that are not there or are being deleted:
/// a pod would wait for them for ever. Throws Error(invalid) where not all pods can mount one.
void check_claims(kube::Client& client, const std::vector<nlohmann::json>& objects);

/// Of a Job with several pods: why not all of them can mount the claim, by its access modes;
/// nothing if they can. Pods that are held together on one node can mount what one node can.
std::optional<std::string> why_out_of_reach(const nlohmann::json& job, const nlohmann::json& claim);

/// What helps against it.
inline constexpr auto hint_for_reach =
    "--same-node holds the pods together on one node; else take a claim that is ReadWriteMany: "
    "`lotse push FOLDER volume:NAME --size 1Gi --shared` makes one";

}  // namespace lotse::action
