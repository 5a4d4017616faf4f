#pragma once
#include <nlohmann/json.hpp>
#include <string>

/// Options that do nothing without another one.
namespace lotse::contract {

/// Why nothing comes of setting this option of a mode: "has no effect without --not-below"; "" of
/// one that stands for itself, or has what it needs. `values` are those of the mode's options, by
/// name; an absent one is as it is by default.
std::string without_need(const std::string& mode, const std::string& option,
                         const nlohmann::json& values);

/// Throws Error(invalid) naming every option of a mode that is not as it is by default and has no
/// effect.
void check_needs(const std::string& mode, const nlohmann::json& values);

}  // namespace lotse::contract
