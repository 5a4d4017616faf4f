#pragma once
#include <optional>
#include <string>

#include "action/target.h"

namespace lotse::action {

struct PodChoice {
  std::string pod = {};              ///< by name
  std::optional<int64_t> rank = {};  ///< by completion index
};

/// A running pod of the workload that fits: the named one, that of the rank, else a ready one
/// before others, the lowest rank first. Throws Error(not_found) naming the pods that there are,
/// and Error(failed) with the reason if it is there but does not run.
json choose_pod(const Snapshot& objects, const std::string& workload, const PodChoice& choice);

}  // namespace lotse::action
