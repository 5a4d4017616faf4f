#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace lotse::document {

/// Block-style YAML with a line end, keys sorted; reading it again gives the same value.
std::string write_yaml(const nlohmann::json& value);

/// Several documents with "---" between them.
std::string write_yaml_stream(const std::vector<nlohmann::json>& values);

}  // namespace lotse::document
