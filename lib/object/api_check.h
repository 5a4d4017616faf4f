#pragma once
#include <nlohmann/json.hpp>

#include "base/diagnostic.h"

namespace lotse::object {

using nlohmann::json;

struct ApiCheck {
  /// False where the object's group is not one of Kubernetes' own: nothing is known of its fields.
  bool known = true;
  base::Diagnostics problems;  ///< `where` is a path within the object: "spec.replicas"
};

/// What the API of Kubernetes 1.37 would not take of an object that lies in a namespace: a kind
/// that is not there, fields that are not there (with "did you mean"), of another type or missing.
/// What it decides by code, such as which values fit each other, it decides alone.
ApiCheck check_api(const json& object);

}  // namespace lotse::object
