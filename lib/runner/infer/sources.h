#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace lotse::runner::infer {

/// The pictures that files, folders (their pictures, not those of folders within nor those whose
/// names begin with ".") and globs name, in that order, each sorted by name. Throws Error(invalid)
/// listing every source that names none.
std::vector<std::filesystem::path> find_pictures(const std::vector<std::string>& sources);

}  // namespace lotse::runner::infer
