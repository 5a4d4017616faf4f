#pragma once
#include <filesystem>

namespace lotse::cli::runner {

/// Whether data are a classifier's: a folder a class, and no file that says otherwise.
bool is_folder_a_class(const std::filesystem::path& data);

}  // namespace lotse::cli::runner
