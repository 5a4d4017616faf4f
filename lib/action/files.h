#pragma once
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "schema/schema.h"

namespace lotse::action {

/// The values with file names turned into references, and the volumes that these need.
struct ResolvedFiles {
  nlohmann::json values;                             ///< with "volume:NAME/PATH" instead of paths
  nlohmann::json volumes = nlohmann::json::array();  ///< `workload.volumes` of templates/README.md
  std::vector<std::filesystem::path> folders;        ///< local folders to make for outputs
};

/// Resolves the file values of `values`. "volume:CLAIM/PATH" names a claim. A plain path becomes a
/// hostPath volume if `local`, else it is a mistake that says how to bring the file there; paths
/// are relative to the working folder. An input without '/' and '.' that is no file here is a name
/// (of an architecture) and stays. An `out` value that was not given is, on a
/// cluster, the schema's cluster_default "volume:output/PATH": a claim WORKLOAD-output that the
/// template creates; one that is `needed_with` another value only where that was given. Throws
/// Error(invalid) with all mistakes.
ResolvedFiles resolve_files(const std::vector<schema::Flag>& flags, const nlohmann::json& values,
                            const std::string& workload, bool local);

}  // namespace lotse::action
