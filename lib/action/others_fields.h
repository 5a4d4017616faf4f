#pragma once
#include <nlohmann/json.hpp>
#include <vector>

/// Who owns fields of a workload's objects, and which others have taken over. Nothing here asks a
/// server.
namespace lotse::action {

using nlohmann::json;

/// The entries of managedFields by which managers own `field` of the spec: "suspend".
std::vector<const json*> owners_of(const json& live, const char* field);

/// Whether another field manager than Lotse's owns it.
bool have_others_set(const json& live, const char* field);

bool is_scaled(const json& deployment, const std::vector<json>& autoscalers);

/// Of a Deployment: nobody but an autoscaler, or Lotse itself, has set its replicas.
bool only_autoscaler_set_replicas(const json& live);

/// `wanted`, a Deployment, without the replicas that one of these HorizontalPodAutoscalers sets for
/// `live`: left out where another manager owns the field, else as they are now, for a field that
/// its only owner no longer sends falls back to 1.
json without_scaled_replicas(json wanted, const json& live, const std::vector<json>& autoscalers);

}  // namespace lotse::action
