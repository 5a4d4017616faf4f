#pragma once
#include <cstdint>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>

// Reading members of an object that a server, a user or a file gave: what is missing, null or of
// another type is read as null, "" or the fallback, and never throws.

namespace lotse::object {

using nlohmann::json;

/// A member by the keys that lead to it.
using Path = std::initializer_list<const char*>;

const json& at(const json& object, Path path);  ///< null if it is not there
/// The fallback if it is no text.
std::string text_at(const json& object, Path path, const char* fallback = "");
bool flag_at(const json& object, Path path);  ///< false if it is no boolean
int64_t number_at(const json& object, Path path, int64_t fallback = 0);

/// The elements of a list; none if it is no list.
const json::array_t& list_at(const json& object, Path path);

}  // namespace lotse::object
