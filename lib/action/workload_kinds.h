#pragma once
#include <string>
#include <vector>

#include "kube/client.h"

namespace lotse::action {

/// A built-in kind that is in the table.
const object::Kind& kind(const char* api_version, const char* name);

const object::Kind& config_map();
const object::Kind& claim();

/// What the state of a workload is worked out from.
std::vector<const object::Kind*> kinds_of_a_workload();

kube::Selector of_workload(const std::string& name);
kube::Selector of_all_workloads();

/// Whether an object of a workload is the ConfigMap that owns the others.
bool is_anchor(const nlohmann::json& object, const std::string& workload);

}  // namespace lotse::action
