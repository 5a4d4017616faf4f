#pragma once
#include <filesystem>

namespace lotse::action {

/// local::supervise: carries out the local workload in `folder`. Before any thread is started.
int supervise(const std::filesystem::path& folder);

}  // namespace lotse::action
