#pragma once
#include <nlohmann/json.hpp>
#include <string>

namespace lotse::test {

/// `workload` as templates see it.
inline nlohmann::json workload(const std::string& name, const nlohmann::json& volumes) {
  return {{"name", name},
          {"namespace", "team"},
          {"labels",
           {{"app.kubernetes.io/managed-by", "lotse"},
            {"lotse.dev/workload", name},
            {"lotse.dev/template", "t"}}},
          {"image", "registry.example/lotse-runner:1"},
          {"imagePullPolicy", "IfNotPresent"},
          {"revision", "0123abcd"},
          {"volumes", volumes}};
}

}  // namespace lotse::test
