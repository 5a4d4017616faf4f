#pragma once
#include <nlohmann/json.hpp>
#include <vector>

#include "kube/client.h"

namespace lotse::action {

/// The claims that the pods of these objects mount and that are not among the objects have to be
/// in the namespace. Throws Error(not_found) naming those that are not there or are being deleted:
/// a pod would wait for them for ever.
void check_claims(kube::Client& client, const std::vector<nlohmann::json>& objects);

}  // namespace lotse::action
