#include "action/workload_kinds.h"

#include "object/member.h"
#include "object/reference.h"
#include "workload/state.h"

namespace lotse::action {

using object::Kind;

const Kind& kind(const char* api_version, const char* name) {
  return *object::find_kind(api_version, name);
}

const Kind& config_map() {
  return kind("v1", "ConfigMap");
}
const Kind& claim() {
  return kind("v1", "PersistentVolumeClaim");
}

std::vector<const Kind*> kinds_of_a_workload() {
  return {&config_map(),
          &claim(),
          &kind("batch/v1", "Job"),
          &kind("apps/v1", "Deployment"),
          &kind("apps/v1", "ReplicaSet"),
          &kind("v1", "Pod"),
          &kind("v1", "Service")};
}

kube::Selector of_workload(const std::string& name) {
  return {std::string(workload::label_workload) + "=" + name + "," + workload::label_managed_by +
              "=" + workload::managed_by,
          ""};
}

kube::Selector of_all_workloads() {
  return {std::string(workload::label_managed_by) + "=" + workload::managed_by, ""};
}

bool is_anchor(const nlohmann::json& object, const std::string& workload) {
  return object::kind_of(object) == config_map().kind && object::name_of(object) == workload;
}

}  // namespace lotse::action
