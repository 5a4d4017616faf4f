#include "action/lint_objects.h"

#include <regex>

#include "object/api_check.h"
#include "object/member.h"
#include "object/pod_security.h"
#include "workload/state.h"

namespace lotse::action {

namespace {

using base::cat;

void check_selector(const json& object, const object::PodTemplate& pods, const std::string& at,
                    const std::string& with, Findings& findings) {
  const json& wanted = object::at(object, {"spec", "selector", "matchLabels"});
  if (!wanted.is_object()) return;
  for (const auto& [key, value] : wanted.items())
    if (object::at(pods.metadata, {"labels", key.c_str()}) != value)
      findings.add(true, at + "spec.selector.matchLabels." + key, "is not a label of its pods", "",
                   with);
}

}  // namespace

void ObjectChecks::check(const Prepared& prepared, const std::string& with) {
  std::set<std::string> titles;
  const auto& objects = prepared.revision.objects;
  for (size_t i = 0; i < objects.size(); ++i) {
    const auto& object = objects[i];
    const auto kind = object::text_at(object, {"kind"});
    const auto name = object::text_at(object, {"metadata", "name"});
    kinds_.insert(kind);
    const auto title = kind.empty() ? cat("object ", i + 1) : kind;
    check_api(object, title, with);
    check_name(name, title, with);
    if (!titles.insert(kind + "/" + name).second)
      findings_.add(true, title + ": metadata.name", "two objects are called " + name, "", with);
    if (object::text_at(object, {"metadata", "labels", workload::label_workload}) != prepared.name)
      findings_.add(true, title + ": metadata.labels",
                    "lack the workload's: Lotse would not find it again",
                    "labels: {$eval: workload.labels}", with);
    check_pods(object, prepared, title, with);
  }
}

void ObjectChecks::check_api(const json& object, const std::string& title,
                             const std::string& with) {
  const auto checked = object::check_api(object);
  for (const auto& problem : checked.problems)
    findings_.add(true, title + ": " + problem.where, problem.message, problem.hint, with);
  if (!checked.known)
    findings_.add(false, title,
                  "is of " + object::text_at(object, {"apiVersion"}) +
                      ", which Kubernetes itself does not have: its fields are not checked",
                  "", with);
}

void ObjectChecks::check_name(const std::string& name, const std::string& title,
                              const std::string& with) {
  static const std::regex form("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");
  if (name.empty())
    findings_.add(true, title + ": metadata.name", "is required", "name: ${workload.name}", with);
  else if (name.size() > 253 || !std::regex_match(name, form))
    findings_.add(true, title + ": metadata.name", "'" + name + "' is no name of an object",
                  "lower-case letters, digits, '-' and '.'", with);
}

void ObjectChecks::check_pods(const json& object, const Prepared& prepared,
                              const std::string& title, const std::string& with) {
  const auto pods = object::pod_template(object);
  if (!pods.spec.is_object() || !pods.spec.contains("containers")) return;
  const auto at = title + ": ";
  const auto inside = pods.path.empty() ? "" : pods.path + ".";
  const auto kind = object::text_at(object, {"kind"});
  // What a CronJob runs now and then is none of the workload's pods.
  if (kind != "CronJob" &&
      object::text_at(pods.metadata, {"labels", workload::label_workload}) != prepared.name)
    findings_.add(true, at + inside + "metadata.labels",
                  "lack the workload's: Lotse would not see the pods",
                  "labels: {$eval: workload.labels}", with);
  const auto policy = object::text_at(pods.spec, {"restartPolicy"});
  if (kind == "Job" && policy != "Never" && policy != "OnFailure")
    findings_.add(true, at + inside + "spec.restartPolicy", "must be Never or OnFailure in a Job",
                  "", with);
  check_selector(object, pods, at, with, findings_);
  for (const auto& problem : object::restricted_violations(pods))
    findings_.add(with.empty(), at + problem.where, problem.message + " (Pod Security restricted)",
                  "", with);
  if (with.empty())
    for (const auto& item : object::missing_isolation(pods))
      findings_.add(false, at + item.where, item.message, item.hint);
  const json& own_users = object::at(pods.spec, {"hostUsers"});
  hides_users_ = hides_users_ || (own_users.is_boolean() && !own_users.get<bool>());
}

void ObjectChecks::check_all(const std::string& kind) {
  const std::string wanted = kind == "service" ? "Deployment" : "Job";
  if (!kinds_.contains(wanted))
    findings_.add(true, "template.yaml: kind", "is " + kind + ", but no " + wanted + " is made",
                  "Lotse waits for a " + wanted);
  if (!hides_users_)
    findings_.add(false, "",
                  "no value of it makes hostUsers false: users of the pods are users of the node");
  if (!kinds_.contains("NetworkPolicy"))
    findings_.add(false, "",
                  "no value of it makes a NetworkPolicy: the pods may speak to everybody");
}

}  // namespace lotse::action
