#pragma once
#include <string>
#include <vector>

#include "action/lint_findings.h"
#include "template/package.h"

namespace lotse::action {

/// Slips of the pen in the schema of a template, and in the flags that are made of it; `taken` are
/// those that every run has.
void lint_schema(const tmpl::Template& from, const std::vector<std::string>& taken,
                 Findings& findings);

}  // namespace lotse::action
