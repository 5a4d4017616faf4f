#pragma once
#include "action/target.h"

namespace lotse::action {

struct Explanation {
  workload::State state;
  std::vector<std::string> notes;  ///< what could not be looked at, and why
};

/// Why a workload is not well: the state's causes, and what keeps its schedule from setting the
/// number of pods. Where no node takes a pod, their evidence names the nearest node, if the user
/// may read nodes and the pods of all namespaces. Throws Error(not_found).
Explanation why(Target& target, const std::string& name);

}  // namespace lotse::action
