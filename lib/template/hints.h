#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "template/jsone.h"

namespace lotse::tmpl {

/// What an expression or an operator that failed was probably meant to be: "did you mean next?";
/// "" where nothing comes near. `within` is the template or the fragment that holds the mistake,
/// `names` are those that it may use: its variables, and what these hold.
std::string hint_for(const jsone::Error& error, const nlohmann::json& within,
                     std::vector<std::string> names);

}  // namespace lotse::tmpl
