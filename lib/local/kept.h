#pragma once
#include <string>
#include <vector>

#include "local/files.h"

// Objects that are kept beside a workload and carried out by nobody: its revisions.

namespace lotse::local {

std::vector<json> kept_objects(const WorkloadFiles& files);  ///< sorted by name

/// One that is there already stays as it is.
void keep_objects(const WorkloadFiles& files, const std::vector<json>& objects);
void forget_objects(const WorkloadFiles& files, const std::vector<std::string>& names);

}  // namespace lotse::local
