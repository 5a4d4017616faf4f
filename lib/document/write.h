#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace lotse::document {

/// The value as YAML in block style, keys sorted, with a line end; reading it gives the same value.
std::string write_yaml(const nlohmann::json& value);

/// The documents as one YAML stream, with "---" between them.
std::string write_yaml_stream(const std::vector<nlohmann::json>& values);

}  // namespace lotse::document
