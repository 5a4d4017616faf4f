#include "kube/log_request.h"

#include "object/reference.h"

namespace lotse::kube {

const object::Kind& pods() {
  return *object::find_kind("v1", "Pod");
}

json container_status(const json& pod, const std::string& container) {
  const json::json_pointer at("/status/containerStatuses");
  if (!pod.contains(at)) return nullptr;
  for (const auto& status : pod.at(at))
    if (status.value("name", "") == container) return status;
  return nullptr;
}

bool has_log(const json& pod, const std::string& container) {
  const json status = container_status(pod, container);
  if (!status.is_object()) return false;
  return !status["state"].contains("waiting") || status.value("restartCount", 0) > 0;
}

bool has_ended(const json& pod, const std::string& container) {
  const auto phase = pod["status"].value("phase", "");
  if (phase != "Succeeded" && phase != "Failed") return false;
  const json status = container_status(pod, container);
  return !status.is_object() || !status["state"].contains("running");
}

std::string instance_of(const json& status) {
  auto id = status.value("containerID", "");
  const json::json_pointer last("/lastState/terminated/containerID");
  if (!id.empty() || !status.contains(last)) return id;
  return status.at(last);
}

std::vector<std::string> containers_of(const json& pod) {
  std::vector<std::string> names;
  for (const auto& container : pod["spec"]["containers"]) names.push_back(container["name"]);
  return names;
}

Call log_call(const std::string& space, const std::string& pod, const std::string& container,
              const LogQuery& query, const std::string& resume_at) {
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
