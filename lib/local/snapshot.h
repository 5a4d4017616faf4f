#pragma once
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace lotse::local {

using nlohmann::json;

/// The manifests with the status that the supervisor's `objects` have, then what controllers made,
/// and the Jobs before. `claim_folder` says where a claim's data is.
std::vector<json> with_status(
    std::vector<json> manifests, std::vector<json> objects,
    const std::function<std::filesystem::path(const std::string&)>& claim_folder);

/// What an object says whose supervisor was killed.
void mark_lost(json& object);

}  // namespace lotse::local
