#pragma once
#include <string>
#include <vector>

#include "kube/client.h"

namespace lotse::action {

/// The Events about objects of these names: of each one, all of them, where they are few; of many,
/// only warnings, in one question. Empty where the user may not read Events, which are told by one
/// of two groups.
std::vector<nlohmann::json> events_about(kube::Client& client,
                                         const std::vector<std::string>& names);

}  // namespace lotse::action
