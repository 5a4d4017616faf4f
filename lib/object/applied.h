#pragma once
#include <nlohmann/json.hpp>
#include <string>

namespace lotse::object {

using nlohmann::json;

/// What `manager` last applied of a live object: its apiVersion, kind and name, and the fields that
/// metadata.managedFields says are the manager's by server-side apply. The format of fieldsV1 is
/// that of sigs.k8s.io/structured-merge-diff ("f:NAME", "k:{KEYS}", "v:VALUE", "i:PLACE", ".").
/// Where there are no managed fields (as on this machine), everything but what a server adds.
json applied_by(const json& live, const std::string& manager);

}  // namespace lotse::object
