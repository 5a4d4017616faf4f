#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace lotse::action {

/// Makes `folder`, which is not there yet or empty, a template package that is named after it: the
/// files of the template that `from` names (as tmpl::load_template takes it) under another name,
/// and the built-in fragments that they include. Returns their paths relative to it. Either all of
/// them are there afterwards or none. Throws Error(invalid).
std::vector<std::string> init_template(const std::filesystem::path& folder,
                                       const std::string& from);

}  // namespace lotse::action
