#include "action/others_fields.h"

#include <algorithm>

#include "base/strings.h"
#include "kube/client.h"
#include "object/member.h"
#include "object/reference.h"

namespace lotse::action {

std::vector<const json*> owners_of(const json& live, const char* field) {
  const auto name = base::cat("f:", field);
  std::vector<const json*> owners;
  for (const auto& each : object::list_at(live, {"metadata", "managedFields"}))
    if (object::at(each, {"fieldsV1", "f:spec", name.c_str()}).is_object()) owners.push_back(&each);
  return owners;
}

bool have_others_set(const json& live, const char* field) {
  const auto owners = owners_of(live, field);
  return std::any_of(owners.begin(), owners.end(), [](const json* each) {
    return object::text_at(*each, {"manager"}) != kube::Client::field_manager;
  });
}

bool is_scaled(const json& deployment, const std::vector<json>& autoscalers) {
  return std::any_of(autoscalers.begin(), autoscalers.end(), [&](const json& each) {
    return object::text_at(each, {"spec", "scaleTargetRef", "kind"}) == "Deployment" &&
           object::text_at(each, {"spec", "scaleTargetRef", "name"}) == object::name_of(deployment);
  });
}

/// The controllers' one manager scales for autoscalers alone.
bool only_autoscaler_set_replicas(const json& live) {
  const auto owners = owners_of(live, "replicas");
  return std::all_of(owners.begin(), owners.end(), [](const json* each) {
    const auto manager = object::text_at(*each, {"manager"});
    return manager == kube::Client::field_manager ||
           (manager == "kube-controller-manager" &&
            object::text_at(*each, {"subresource"}) == "scale");
  });
}

json without_scaled_replicas(json wanted, const json& live, const std::vector<json>& autoscalers) {
  if (!is_scaled(wanted, autoscalers)) return wanted;
  if (have_others_set(live, "replicas"))
    wanted["spec"].erase("replicas");
  else
    wanted["spec"]["replicas"] = object::at(live, {"spec", "replicas"});
  return wanted;
}

}  // namespace lotse::action
