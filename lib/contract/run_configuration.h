#pragma once
#include <nlohmann/json.hpp>
#include <string>

namespace lotse::contract {

/// Which mode runs, and its options as JSON (those of the struct in options.h that belongs to the
/// mode).
struct RunConfiguration {
  std::string mode;
  nlohmann::json options = nlohmann::json::object();
};

/// {"mode": ..., "options": {...}}; mistakes name `where` (a file) and the key. Throws
/// Error(invalid).
RunConfiguration parse_run_configuration(const nlohmann::json& document, const std::string& where);
nlohmann::json to_json(const RunConfiguration& configuration);

}  // namespace lotse::contract
