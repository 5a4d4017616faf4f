#pragma once
#include <nlohmann/json.hpp>
#include <string>

#include "base/diagnostic.h"
#include "schema/schema.h"

namespace lotse::tmpl {

/// The schema with those rows of its table `x-lotse-excludes` (templates/shared/exclusions.yaml
/// says what they mean) that count in a template of this mode with these properties.
nlohmann::json with_exclusions(nlohmann::json schema, const std::string& mode);

/// A mistake for each row of the table that `values` break, at its first value. Throws
/// Error(invalid) if a row's condition cannot be evaluated.
base::Diagnostics excluded(const nlohmann::json& schema, const nlohmann::json& values,
                           const schema::WhereFunction& where);

}  // namespace lotse::tmpl
