#pragma once
#include <filesystem>
#include <string>

namespace lotse::runner::detect {

/// Writes one of the many small files of a data set, without the flush that each would wait for.
/// Throws Error(failed) naming it.
void write_plain(const std::filesystem::path& path, const std::string& content);

}  // namespace lotse::runner::detect
