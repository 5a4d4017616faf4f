#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "checkpoint/finding.h"

namespace lotse::checkpoint {

/// One member of a TorchScript archive's code/.
struct ScriptMember {
  std::string name;       ///< "archive/code/__torch__/a/b.py"
  std::string module;     ///< "__torch__.a.b"
  std::string_view text;  ///< the source
};

/// What the code of an archive declares.
struct Script {
  /// A class's attributes by name, and the type of each: "Tensor", "Optional[bool]",
  /// "__torch__.a.b.Conv".
  using Attributes = std::map<std::string, std::string>;
  std::map<std::string, Attributes> classes;  ///< by qualified name: "__torch__.a.b.Conv"
  Findings findings;                          ///< at most 100
};

/// Reads the source of all members; runs nothing. What is let through: classes of modules whose
/// methods are straight lines of known operators (script_operators.h) on tensors, numbers, lists of
/// them, constants and submodules, ended by `return`. Everything else is a finding: other
/// statements, other classes, texts but those the exporter writes, methods that Python calls by
/// itself (__setstate__), methods that call themselves or, counted through, more than 100,000
/// operators, numbers above 100,000,000 and lists of sizes whose product is above 2^28.
Script read_script(const std::vector<ScriptMember>& members);

}  // namespace lotse::checkpoint
