#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "action/plan.h"

namespace lotse::cli {

/// "+ job/x", "~ deployment/x" with a line for each field, "- service/x"; those that stay are
/// counted at the end.
std::string in_words(const std::vector<release::ObjectChange>& changes);
/// A list of {"object", "action", "fields": [{"path", "before", "after"}]}.
nlohmann::json to_json(const std::vector<release::ObjectChange>& changes);

std::string in_words(const action::Plan& plan, const std::string& name);
nlohmann::json to_json(const action::Plan& plan, const std::string& name);

/// The revision that was applied: name, number, content, cause, unchanged, replaced.
nlohmann::json to_json(const action::Submitted& submitted, const action::Prepared& prepared);

std::string obstacle_line(const action::Obstacle& obstacle);  ///< "impossible: CODE: TEXT"

}  // namespace lotse::cli
