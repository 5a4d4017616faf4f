#include "cli/commands/template_path.h"

#include <cstdlib>

#include "base/error.h"
#include "base/files.h"
#include "base/log.h"
#include "base/strings.h"
#include "cli/commands/common.h"

namespace lotse::cli {

namespace {

namespace fs = std::filesystem;

void add_folders(const std::string& text, const std::string& source, std::vector<fs::path>& all) {
  for (const auto& folder : base::split(text, ':')) {
    if (folder.empty()) continue;
    if (source[0] != '-' && folder[0] != '/')
      throw base::Error({{source, "'" + folder + "' does not begin with /",
                          "--template-path takes relative folders, for one command"}});
    if (!fs::is_directory(folder))
      throw base::Error({{source, "'" + folder + "' is no folder", ""}});
    all.emplace_back(folder);
  }
}

}  // namespace

Flag template_path_flag(std::string& into) {
  Flag flag = text_flag("template-path", "DIR",
                        "folders with templates, ':' between; default: $LOTSE_TEMPLATE_PATH", into);
  flag.complete = Complete::folder;
  return flag;
}

std::vector<fs::path> template_folders(const std::string& given) {
  std::vector<fs::path> folders;
  if (!given.empty())
    add_folders(given, "--template-path", folders);
  else if (const char* variable = std::getenv("LOTSE_TEMPLATE_PATH"))
    add_folders(variable, "LOTSE_TEMPLATE_PATH", folders);
  folders.push_back(base::config_folder() / "templates");
  return folders;
}

std::string chosen_template(const std::string& name_or_path, const std::string& given) {
  if (tmpl::is_template_path(name_or_path)) return name_or_path;
  const auto found = tmpl::find_template(name_or_path, template_folders(given));
  if (found.size() > 1) {
    std::vector<std::string> hidden;
    for (size_t i = 1; i < found.size(); ++i) hidden.push_back(found[i].place());
    base::log_warning("template " + name_or_path + ": taken from " + found[0].place() +
                      "; hidden by it: " + base::join(hidden, ", "));
  }
  return found[0].reference();
}

}  // namespace lotse::cli
