#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>

#include "runner/task/checked.h"

namespace lotse::runner::detect {

/// Reads all parts of a data set in any form and decodes every picture. Throws Error(invalid) as
/// read_data_set where there is no going on. `progress` counts pictures and is called by one thread
/// at a time.
task::Checked check(const std::filesystem::path& data, int64_t threads,
                    const std::function<void(int64_t done, int64_t total)>& progress);

}  // namespace lotse::runner::detect
