#pragma once
#include <string>
#include <vector>

namespace lotse::base {

/// One mistake in what the user wrote.
struct Diagnostic {
  std::string where;    ///< "FILE:LINE:COLUMN" and/or a path such as "spec.template"; may be empty
  std::string message;  ///< what is wrong
  std::string hint;     ///< what to do about it; may be empty
};

using Diagnostics = std::vector<Diagnostic>;

/// "where: message" and the hint on an indented line of its own.
std::string to_string(const Diagnostic& diagnostic);

}  // namespace lotse::base
