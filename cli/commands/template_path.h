#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "cli/tree/command.h"
#include "template/search.h"

namespace lotse::cli {

/// The flag --template-path.
Flag template_path_flag(std::string& into);

/// Where templates are looked for by name: the folders of --template-path (`given`), or else of
/// LOTSE_TEMPLATE_PATH, with ':' between, then the user's own. Throws Error(invalid) for one that
/// is no folder, and for a relative one in the variable, which each working folder would answer.
std::vector<std::filesystem::path> template_folders(const std::string& given);

/// What a name or a path means, as tmpl::load_template takes it. Where a name is found twice it
/// says on standard error which is taken.
std::string chosen_template(const std::string& name_or_path, const std::string& given);

}  // namespace lotse::cli
