#pragma once
#include <filesystem>

namespace lotse::action {

/// Carries out the local workload in `folder` (local::supervise). Must be called before any thread
/// is started.
int supervise(const std::filesystem::path& folder);

}  // namespace lotse::action
