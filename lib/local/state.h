#pragma once
#include <string>
#include <vector>

#include "local/files.h"

// What the files of a workload say, checked: one that is damaged is Error(failed) naming it.

namespace lotse::local {

/// Whether it has a kind and a name.
bool is_object(const json& value);

/// What commands want: "revision" counts its changes, "manifests" are the objects. Throws
/// Error(not_found).
json wanted_of(const WorkloadFiles& files, const std::string& workload);
std::vector<json> manifests_of(const json& wanted);

/// What the supervisor made of it: objects with their status; none before it has run.
std::vector<json> objects_of(const WorkloadFiles& files);

/// Of the supervisor's process; empty if it never wrote one, or wrote it only in part.
json record_of(const WorkloadFiles& files);

std::vector<std::string> names_of_kind(const std::vector<json>& objects, const std::string& kind);

}  // namespace lotse::local
