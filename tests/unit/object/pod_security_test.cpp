#include "object/pod_security.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "base/files.h"
#include "document/document.h"
#include "support/conformance.h"

using namespace lotse;
using nlohmann::json;

namespace {

std::vector<std::string> places(const base::Diagnostics& found) {
  std::vector<std::string> places;
  for (const auto& each : found) places.push_back(each.where);
  return places;
}

/// What the name of a refused field has in it, by what a case is called.
std::string field_of(const std::string& file) {
  const std::vector<std::pair<std::string, std::string>> fields = {
      {"allowprivilegeescalation", "allowPrivilegeEscalation"},
      {"apparmorprofile", "pp"},  // appArmorProfile, or the annotation ...apparmor...
      {"capabilities", "capabilities"},
      {"hostnamespaces", "spec.host"},
      {"hostpathvolumes", "volumes"},
      {"hostports", "hostPort"},
      {"hostprobesandhostlifecycle", ".host"},
      {"privileged", "privileged"},
      {"procmount", "procMount"},
      {"restrictedvolumes", "volumes"},
      {"runasnonroot", "runAsNonRoot"},
      {"runasuser", "runAsUser"},
      {"seccompprofile", "seccompProfile"},
      {"selinuxoptions", "seLinuxOptions"},
      {"sysctls", "sysctls"},
      {"windowshostprocess", "hostProcess"}};
  for (const auto& [name, field] : fields)
    if (file.starts_with(name)) return field;
  return "no such case: " + file;
}

}  // namespace

TEST_CASE("Pod Security restricted: the same verdict as Kubernetes' own on all its cases") {
  const auto suite = conformance("pod-security");
  if (!suite) return;
  for (const char* version : {"v1.36", "v1.37"}) {
    int count = 0;
    for (const bool passes : {true, false})
      for (const auto& file :
           std::filesystem::directory_iterator(*suite / version / (passes ? "pass" : "fail"))) {
        const auto pod = document::read_document(file.path()).value;
        const auto found = object::restricted_violations(object::pod_template(pod));
        INFO(file.path().string());
        for (const auto& each : found) UNSCOPED_INFO(each.where << ": " << each.message);
        CHECK(found.empty() == passes);
        const auto field = field_of(file.path().filename().string());
        if (!passes)
          CHECK(std::any_of(found.begin(), found.end(), [&](const auto& each) {
            return each.where.find(field) != std::string::npos;
          }));
        ++count;
      }
    CHECK(count == 99);
  }
}

TEST_CASE("Pod Security restricted names the field, in whatever makes the pods") {
  const json container = {
      {"name", "c"},
      {"securityContext",
       {{"allowPrivilegeEscalation", false}, {"capabilities", {{"drop", {"ALL"}}}}}}};
  json spec = {{"containers", {container}},
               {"securityContext",
                {{"runAsNonRoot", true}, {"seccompProfile", {{"type", "RuntimeDefault"}}}}}};
  json job = {{"kind", "Job"}, {"spec", {{"template", {{"spec", spec}}}}}};
  CHECK(places(object::restricted_violations(object::pod_template(job))).empty());
  json& inner = job["spec"]["template"]["spec"];
  inner["hostNetwork"] = true;
  inner["volumes"] = {{{"name", "v"}, {"hostPath", {{"path", "/"}}}}};
  inner["containers"][0]["securityContext"]["runAsUser"] = 0;
  CHECK(places(object::restricted_violations(object::pod_template(job))) ==
        std::vector<std::string>{"spec.template.spec.hostNetwork",
                                 "spec.template.spec.volumes[0].hostPath",
                                 "spec.template.spec.containers[0].securityContext.runAsUser"});
  const json cron = {{"kind", "CronJob"},
                     {"spec", {{"jobTemplate", {{"spec", {{"template", {{"spec", inner}}}}}}}}}};
  CHECK(places(object::restricted_violations(object::pod_template(cron)))[0] ==
        "spec.jobTemplate.spec.template.spec.hostNetwork");
}

TEST_CASE("what keeps pods apart is missed item by item") {
  json pod = {{"kind", "Pod"}, {"spec", {{"containers", {{{"name", "c"}}}}}}};
  CHECK(places(object::missing_isolation(object::pod_template(pod))) ==
        std::vector<std::string>{"spec.automountServiceAccountToken",
                                 "spec.containers[0].securityContext.readOnlyRootFilesystem"});
  pod["spec"]["automountServiceAccountToken"] = false;
  pod["spec"]["containers"][0]["securityContext"] = {{"readOnlyRootFilesystem", true}};
  CHECK(object::missing_isolation(object::pod_template(pod)).empty());
}
