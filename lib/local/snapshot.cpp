#include "local/snapshot.h"

#include <algorithm>

#include "local/controller.h"
#include "local/manifests.h"
#include "local/metadata.h"
#include "object/member.h"
#include "object/reference.h"

namespace lotse::local {

namespace {

constexpr auto own_prefix = "lotse.dev/";

/// Of a Job that was started afresh under the same name, until the supervisor has seen it.
bool is_superseded(const json& object, const std::vector<json>& wanted) {
  return is_of_earlier_job(object, wanted) &&
         find_object(wanted, "Job", object::text_at(job_of(object), {"name"})) != nullptr;
}

bool is_made_by_controllers(const json& object) {
  const auto kind = object::kind_of(object);
  return kind == "Pod" || kind == "ReplicaSet" || kind == "Job";
}

void take_status(json& wanted, const json& observed) {
  if (observed.contains("status")) wanted["status"] = observed.at("status");
  for (const auto& [key, value] : object::at(observed, {"metadata", "annotations"}).items())
    if (key.starts_with(own_prefix)) wanted["metadata"]["annotations"][key] = value;
}

void set_condition_false(json& object, const std::string& type) {
  for (auto& one : object["status"]["conditions"])
    if (object::text_at(one, {"type"}) == type) one["status"] = "False";
}

}  // namespace

std::vector<json> with_status(
    std::vector<json> manifests, std::vector<json> objects,
    const std::function<std::filesystem::path(const std::string&)>& claim_folder) {
  for (auto& wanted : manifests) {
    const auto uid = object::uid_of(wanted);
    const auto found = std::find_if(objects.begin(), objects.end(),
                                    [&](const json& one) { return object::uid_of(one) == uid; });
    if (found != objects.end()) {
      take_status(wanted, *found);
      objects.erase(found);
    } else if (object::kind_of(wanted) == "PersistentVolumeClaim") {
      wanted["status"] = {{"phase", "Bound"}};
      wanted["metadata"]["annotations"]["lotse.dev/folder"] =
          claim_folder(object::name_of(wanted)).string();
    }
  }
  auto result = manifests;
  for (auto& object : objects)
    if (is_made_by_controllers(object) && !is_superseded(object, manifests))
      result.push_back(std::move(object));
  return result;
}

void mark_lost(json& object) {
  const std::string message =
      "the local supervisor has ended without a word; the command that started it does so again";
  const auto kind = object::kind_of(object);
  if (kind != "Pod" && kind != "Job" && kind != "Deployment") return;
  auto& status = object["status"];
  if (kind == "Pod") {
    const auto phase = object::text_at(status, {"phase"});
    if (phase == "Succeeded" || phase == "Failed") return;
    status["phase"] = "Failed";
    status["reason"] = "SupervisorLost";
    status["message"] = message;
    set_condition_false(object, "Ready");
    for (auto& one : status["containerStatuses"]) one["ready"] = false;
  } else if (kind == "Job" && !has_ended(object)) {
    status["active"] = 0;
    status["ready"] = 0;
    status["conditions"].push_back(condition("SupervisorLost", true, "SupervisorLost", message));
  } else if (kind == "Deployment") {
    for (const char* count : {"readyReplicas", "availableReplicas"}) status[count] = 0;
    set_condition_false(object, "Available");
    status["conditions"].push_back(condition("SupervisorLost", true, "SupervisorLost", message));
  }
}

}  // namespace lotse::local
