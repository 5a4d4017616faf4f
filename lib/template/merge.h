#pragma once
#include <nlohmann/json.hpp>

namespace lotse::tmpl {

/// Lays one object over another: objects are merged key by key, anything else is replaced.
inline void merge_into(nlohmann::json& into, const nlohmann::json& from) {
  for (const auto& [key, value] : from.items()) {
    if (value.is_object() && into.contains(key) && into[key].is_object()) {
      merge_into(into[key], value);
    } else {
      into[key] = value;
    }
  }
}

}  // namespace lotse::tmpl
