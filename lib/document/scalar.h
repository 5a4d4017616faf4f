#pragma once
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace lotse::document {

/// What a plain (unquoted) YAML scalar means to kubectl (go-yaml v2's rules, YAML 1.1): a string if
/// it is nothing else; no value for NaN and the infinities, which JSON cannot hold.
std::optional<nlohmann::json> resolve_scalar(const std::string& text);

}  // namespace lotse::document
