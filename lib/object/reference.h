#pragma once
#include <nlohmann/json.hpp>
#include <string>

namespace lotse::object {

using nlohmann::json;

std::string kind_of(const json& object);  ///< "" if it has none
std::string name_of(const json& object);  ///< metadata.name, or ""
std::string uid_of(const json& object);   ///< metadata.uid, or ""

/// "job/NAME", as kubectl prints it.
std::string describe(const json& object);

/// An entry of metadata.ownerReferences: the garbage collector deletes what bears it when `owner`
/// goes.
json owner_reference(const json& owner);

/// The same for the one owner whose controller made the object and looks after it.
json controller_reference(const json& owner);

/// The condition of that type in status.conditions, or null.
const json* condition(const json& object, const std::string& type);

}  // namespace lotse::object
