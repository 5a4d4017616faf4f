#pragma once
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace lotse::tmpl {

/// Values of a JSON Schema that are worth trying: its default, examples and choices, the ends of
/// what it allows, empty and filled lists. Each of them is allowed by the schema; none is there
/// twice. The first one is the default, or else an example of what is meant. None if nothing that
/// fits was found.
std::vector<nlohmann::json> corners(const nlohmann::json& schema);

}  // namespace lotse::tmpl
