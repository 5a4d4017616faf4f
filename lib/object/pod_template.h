#pragma once
#include <nlohmann/json.hpp>
#include <string>

namespace lotse::object {

using nlohmann::json;

/// The pods that an object is or makes.
struct PodTemplate {
  const json& metadata;  ///< null where the object has no pods
  const json& spec;      ///< null where the object has no pods
  std::string path;      ///< of both within the object: "spec.template", "" of a Pod
};

/// Of a Pod the object itself, of a CronJob its Job's template, of other built-in kinds and of
/// those that look like them `spec.template`. `object` must outlive the result.
PodTemplate pod_template(const json& object);

}  // namespace lotse::object
