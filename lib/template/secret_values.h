#pragma once
#include <nlohmann/json.hpp>
#include <vector>

#include "template/package.h"

namespace lotse::tmpl {

/// `values` to be shown and recorded: those of properties marked {"x-lotse": {"secret": true}} are
/// "(secret)".
nlohmann::json without_secrets(const Template& from, nlohmann::json values);

/// Throws Error(invalid), naming value and object, if a secret value stands in `objects` elsewhere
/// than in the data of a Secret: from there it would be shown and recorded. A text is looked for as
/// a whole, and, from eight bytes on, within others.
void check_secrets(const Template& from, const nlohmann::json& values,
                   const std::vector<nlohmann::json>& objects);

}  // namespace lotse::tmpl
