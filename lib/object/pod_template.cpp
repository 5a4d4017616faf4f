#include "object/pod_template.h"

#include "object/member.h"

namespace lotse::object {

PodTemplate pod_template(const json& object) {
  const auto kind = text_at(object, {"kind"});
  if (kind == "Pod") return {at(object, {"metadata"}), at(object, {"spec"}), ""};
  if (kind == "PodTemplate")
    return {at(object, {"template", "metadata"}), at(object, {"template", "spec"}), "template"};
  if (kind == "CronJob") {
    const json& inner = at(object, {"spec", "jobTemplate", "spec", "template"});
    return {at(inner, {"metadata"}), at(inner, {"spec"}), "spec.jobTemplate.spec.template"};
  }
  const json& inner = at(object, {"spec", "template"});
  return {at(inner, {"metadata"}), at(inner, {"spec"}), "spec.template"};
}

}  // namespace lotse::object
