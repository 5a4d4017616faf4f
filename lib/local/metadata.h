#pragma once
#include <nlohmann/json.hpp>

namespace lotse::local {

using nlohmann::json;

/// Adds the metadata that the API server would add, given the object as it was before; null: it is
/// new. `version` is the workload's from now on, and the resourceVersion of an object that differs
/// from before. Throws Error(invalid) for what Kubernetes refuses to change of a Job.
void complete_metadata(json& object, const json* before, int version);

/// Whether a Job is complete or has failed.
bool has_ended(const json& job);

}  // namespace lotse::local
