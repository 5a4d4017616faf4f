#pragma once
#include <nlohmann/json.hpp>
#include <vector>

/// Fields of a workload's objects that others have taken over. Nothing here asks a server.
namespace lotse::action {

using nlohmann::json;

/// Whether another field manager owns `field` of the spec; as managedFields name it: "f:suspend".
bool have_others_set(const json& live, const char* field);

bool is_scaled(const json& deployment, const std::vector<json>& autoscalers);

/// Of a Deployment: nobody but an autoscaler, or Lotse itself, has set its replicas.
bool only_autoscaler_set_replicas(const json& live);

/// `wanted`, a Deployment, without the replicas that one of these HorizontalPodAutoscalers sets for
/// `live`: left out where another manager owns the field, else as they are now, for a field that
/// its only owner no longer sends falls back to 1.
json without_scaled_replicas(json wanted, const json& live, const std::vector<json>& autoscalers);

}  // namespace lotse::action
