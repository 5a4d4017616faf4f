#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "workload/cause_code.h"

namespace lotse::workload {

using nlohmann::json;

/// Why something is not well, as a value: scripts read the code, people the rest.
struct Cause {
  Code code;                         ///< none: nothing is wrong
  std::vector<std::string> objects;  ///< "pod/NAME", ...: what has it
  std::string evidence;              ///< one line: what server, node or container said
  bool impossible = false;           ///< no waiting cures it

  explicit operator bool() const { return static_cast<bool>(code); }
};

/// What to do about it; `workload` is put in for NAME.
std::string advice_for(const Cause& cause, const std::string& workload);

/// In the order of their codes; equal ones (the same code and evidence) become one of all their
/// objects.
std::vector<Cause> ranked(std::vector<Cause> causes);

/// code, objects, evidence, advice, impossible.
json to_json(const Cause& cause, const std::string& workload);

}  // namespace lotse::workload
