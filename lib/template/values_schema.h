#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace lotse::tmpl {

/// The options of a mode of the runner (contract/options.h) as a JSON Schema of values, with the
/// extension "x-lotse" where it says more than JSON Schema can. An empty object if there is no such
/// mode.
nlohmann::json mode_schema(const std::string& mode);

/// A template's own schema laid over those that it includes, laid over the one of its mode.
/// Properties are merged key by key, so that {"default": 3} changes the default alone; `false`
/// hides an inherited property. A value that gets a default is required no longer. In
/// "x-lotse-order" the mode's come first, then the template's own, then the included ones; a name
/// that the template's own order has stands where that puts it.
nlohmann::json values_schema(const nlohmann::json& mode,
                             const std::vector<nlohmann::json>& included,
                             const nlohmann::json& own);

}  // namespace lotse::tmpl
