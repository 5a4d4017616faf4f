#pragma once
#include <filesystem>

/// How a data set is made of another one's pictures.
namespace lotse::runner::task {

/// Where it goes, with its parents made. Throws Error(invalid) if anything is there but an empty
/// folder.
std::filesystem::path free_place(const std::filesystem::path& folder);

/// A hard link, or a copy where there can be none.
void link_or_copy(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace lotse::runner::task
