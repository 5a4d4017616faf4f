#include "action/others_fields.h"

#include <algorithm>

#include "kube/client.h"
#include "object/member.h"
#include "object/reference.h"

namespace lotse::action {

namespace {

/// Those of others for whom `such` holds.
template <class Such>
std::ptrdiff_t count_others(const json& live, const char* field, const Such& such) {
  const auto& managers = object::list_at(live, {"metadata", "managedFields"});
  return std::count_if(managers.begin(), managers.end(), [&](const json& each) {
    return object::text_at(each, {"manager"}) != kube::Client::field_manager &&
           object::at(each, {"fieldsV1", "f:spec", field}).is_object() && such(each);
  });
}

}  // namespace

bool have_others_set(const json& live, const char* field) {
  return count_others(live, field, [](const json&) { return true; }) > 0;
}

bool is_scaled(const json& deployment, const std::vector<json>& autoscalers) {
  return std::any_of(autoscalers.begin(), autoscalers.end(), [&](const json& each) {
    return object::text_at(each, {"spec", "scaleTargetRef", "kind"}) == "Deployment" &&
           object::text_at(each, {"spec", "scaleTargetRef", "name"}) == object::name_of(deployment);
  });
}

/// The controllers' one manager scales for autoscalers alone.
bool only_autoscaler_set_replicas(const json& live) {
  return count_others(live, "f:replicas", [](const json& each) {
           return object::text_at(each, {"manager"}) != "kube-controller-manager" ||
                  object::text_at(each, {"subresource"}) != "scale";
         }) == 0;
}

json without_scaled_replicas(json wanted, const json& live, const std::vector<json>& autoscalers) {
  if (!is_scaled(wanted, autoscalers)) return wanted;
  if (have_others_set(live, "f:replicas"))
    wanted["spec"].erase("replicas");
  else
    wanted["spec"]["replicas"] = object::at(live, {"spec", "replicas"});
  return wanted;
}

}  // namespace lotse::action
