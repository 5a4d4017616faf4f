#pragma once
#include <string>
#include <vector>

#include "template/package.h"

namespace lotse::action {

/// What is wrong with a template, or could be better.
struct LintFinding {
  bool error = false;  ///< else a warning: it works, and leaves something to be wished for
  std::string where;   ///< "template.yaml: schema.properties.epochs", "Job: spec.template.spec"
  std::string message;
  std::string hint;  ///< may be empty
  std::string with;  ///< the values that show it, where it is not those by default: "--workers 4"
};

struct LintReport {
  std::string name;
  size_t renders = 0;
  std::vector<LintFinding> findings;  ///< errors first
  bool has_errors() const;
};

/// Renders the template over the corners of its schema (each value at its default, its limits, each
/// of its choices, lists empty and filled, and pairs of those that change more than the run
/// configuration) and checks each object that comes out: what the Kubernetes API takes, what
/// Lotse needs to find it again, Pod Security "restricted", isolation. Nothing is asked of a
/// cluster. `taken` are the flags that every run has; a template's own must not be called so.
LintReport lint_template(const tmpl::Template& from, const std::vector<std::string>& taken);

}  // namespace lotse::action
