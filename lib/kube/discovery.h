#pragma once
#include <filesystem>
#include <string>

#include "kube/client.h"

namespace lotse::kube {

/// The kind that `word` means (as object::find_kind reads words): of the table of built-in kinds
/// without a request, else by asking the server (aggregated discovery, Kubernetes 1.30). What it
/// said is kept in `cache`, a folder, with its ETag: as long as nothing changed, the next question
/// costs an answer without a body. A cache that cannot be read or written is no error. Throws
/// Error(not_found) with the closest name.
object::Kind find_kind(Client& client, const std::string& word, const std::filesystem::path& cache);

/// All kinds that the server says it has, with the same cache; groups with a name alone (not "v1"),
/// and of each group the preferred version first.
std::vector<object::Kind> kinds(Client& client, const std::filesystem::path& cache);

}  // namespace lotse::kube
