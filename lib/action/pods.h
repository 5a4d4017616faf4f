#pragma once
#include <optional>
#include <string>

#include "action/target.h"

namespace lotse::action {

struct PodChoice {
  std::string pod = {};              ///< by name
  std::optional<int64_t> rank = {};  ///< by completion index
};

/// Chooses a running pod of the workload: the named one, or that of the rank, else the first one,
/// where ready pods come before others and low ranks before high ones. Throws Error(not_found)
/// naming the pods that there are, and Error(failed) with the reason if it is there but does not
/// run.
json choose_pod(const Snapshot& objects, const std::string& workload, const PodChoice& choice);

}  // namespace lotse::action
