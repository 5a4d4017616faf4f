#include "action/init_template.h"

#include <regex>

#include "base/draft_folder.h"
#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "template/fragments.h"
#include "template/package.h"

namespace lotse::action {

namespace {

namespace fs = std::filesystem;
using base::Error;

std::string name_of(const fs::path& folder) {
  auto name = folder.filename().string();
  static const std::regex form("[a-z][a-z0-9-]{0,62}");  // it becomes a label of objects
  if (!std::regex_match(name, form))
    throw Error(
        {{folder.string(), "'" + name + "' is no name for a template",
          "the folder has its name: at most 63 lower-case letters, digits and '-', a letter "
          "first"}});
  return name;
}

void check_is_free(const fs::path& folder) {
  if (fs::is_symlink(folder) || (fs::exists(folder) && !fs::is_directory(folder)))
    throw Error({{folder.string(), "is there already, and no folder", ""}});
  if (fs::exists(folder) && !fs::is_empty(folder))
    throw Error({{folder.string(), "is not empty", "name a folder that is not there yet"}});
  if (!fs::is_directory(folder.parent_path()))
    throw Error({{folder.parent_path().string(), "is no folder", "make it first"}});
}

}  // namespace

std::vector<std::string> init_template(const fs::path& folder, const std::string& from) {
  auto wanted = fs::absolute(folder).lexically_normal();
  if (!wanted.has_filename()) wanted = wanted.parent_path();  // "mine/"
  const auto name = name_of(wanted);
  check_is_free(wanted);
  auto files = tmpl::with_fragments(tmpl::template_files(from));
  static const std::regex name_line("(^|\n)name:[^\n]*");
  auto& about = files.at("template.yaml");
  about = std::regex_replace(about, name_line, "$1name: " + name,
                             std::regex_constants::format_first_only);
  tmpl::parse_template(files, from);
  const base::DraftFolder draft(wanted, "another `lotse template init`");
  std::vector<std::string> written;
  for (const auto& [file, text] : files) {
    fs::create_directories((draft.path() / file).parent_path());
    base::write_file_atomic(draft.path() / file, text);
    written.push_back(file);
  }
  draft.become(wanted);
  return written;
}

}  // namespace lotse::action
