#pragma once
#include <optional>
#include <vector>

#include "kube/client.h"
#include "workload/state.h"

namespace lotse::action {

/// Objects that others made and that say why a workload is as it is, as far as
/// workload::explaining asks for them. What the server does not have or the user may not read is
/// left out.
std::vector<nlohmann::json> explaining_objects(kube::Client& client,
                                               const workload::Explaining& wanted);

/// Of these, what Kueue says of suspended Jobs.
std::vector<nlohmann::json> queue_objects(kube::Client& client, const workload::Explaining& wanted);

/// Kueue's Workload of a Job; nothing where Kueue has none, or is not there. Throws Error(denied)
/// where the user may not look.
std::optional<nlohmann::json> kueue_workload_of(kube::Client& client, const nlohmann::json& job);

/// Lets a Workload of Kueue be admitted, or takes it out of its queue, where its Job ends and stays
/// suspended; returns it as the server has it then. With `dry_run` nothing is kept.
nlohmann::json set_active(kube::Client& client, const nlohmann::json& kueue_workload, bool active,
                          bool dry_run);

}  // namespace lotse::action
