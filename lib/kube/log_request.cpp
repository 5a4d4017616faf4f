#include "kube/log_request.h"

#include "object/reference.h"

namespace lotse::kube {

const object::Kind& pods() {
  return *object::find_kind("v1", "Pod");
}

namespace {

/// The entry of that name in a list of the pod, or null.
json named(const json& pod, const char* list, const std::string& name) {
  const json::json_pointer at(list);
  if (!pod.contains(at)) return nullptr;
  for (const auto& each : pod.at(at))
    if (each.value("name", "") == name) return each;
  return nullptr;
}

/// Whether the kubelet starts a container anew that ended with this code.
bool starts_anew(const json& pod, const std::string& container, int code) {
  const auto policy = pod["spec"].value("restartPolicy", "Always");
  const json first = named(pod, "/spec/initContainers", container);
  if (first.is_object() && first.value("restartPolicy", "") == "Always") return true;
  if (policy == "Never") return false;
  return code != 0 || (policy == "Always" && !first.is_object());
}

}  // namespace

json container_status(const json& pod, const std::string& container) {
  json status = named(pod, "/status/containerStatuses", container);
  return status.is_object() ? status : named(pod, "/status/initContainerStatuses", container);
}

bool has_log(const json& pod, const std::string& container) {
  const json status = container_status(pod, container);
  if (!status.is_object()) return false;
  return !status["state"].contains("waiting") || status.value("restartCount", 0) > 0;
}

bool has_ended(const json& pod, const std::string& container) {
  const auto phase = pod["status"].value("phase", "");
  const json status = container_status(pod, container);
  if (phase == "Succeeded" || phase == "Failed")
    return !status.is_object() || !status["state"].contains("running");
  const json::json_pointer code("/state/terminated/exitCode");
  return status.contains(code) && !starts_anew(pod, container, status.at(code));
}

std::string instance_of(const json& status) {
  auto id = status.value("containerID", "");
  const json::json_pointer last("/lastState/terminated/containerID");
  if (!id.empty() || !status.contains(last)) return id;
  return status.at(last);
}

std::vector<std::string> containers_of(const json& pod) {
  std::vector<std::string> names;
  for (const auto* list : {"initContainers", "containers"})
    if (pod["spec"].contains(list))
      for (const auto& container : pod["spec"][list]) names.push_back(container["name"]);
  return names;
}

Call log_call(const std::string& space, const std::string& pod, const std::string& container,
              const LogOptions& query, const std::string& resume_at) {
  const bool begun = !resume_at.empty();
  Call call;
  call.path = object::path_of(pods(), space, pod) + "/log";
  call.query = {{"container", container}, {"timestamps", "true"}};
  if (query.follow) call.query.emplace_back("follow", "true");
  if (query.previous) call.query.emplace_back("previous", "true");
  if (begun)
    call.query.emplace_back("sinceTime", resume_at);
  else if (query.since)
    call.query.emplace_back("sinceTime", *query.since);
  if (query.tail && !begun) call.query.emplace_back("tailLines", std::to_string(*query.tail));
  return call;
}

}  // namespace lotse::kube
