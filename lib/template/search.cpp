#include "template/search.h"

#include <algorithm>

#include "base/error.h"
#include "base/strings.h"
#include "template/package.h"

namespace lotse::tmpl {

namespace fs = std::filesystem;

std::vector<Candidate> candidates(const std::vector<fs::path>& folders) {
  std::vector<Candidate> all;
  for (const auto& folder : folders) {
    const auto first = static_cast<std::ptrdiff_t>(all.size());
    std::error_code ignored;  // a folder that is not there holds no templates
    for (const auto& entry : fs::directory_iterator(folder, ignored))
      if (fs::is_regular_file(entry.path() / "template.yaml", ignored))
        all.push_back({entry.path().filename().string(), entry.path()});
    std::sort(all.begin() + first, all.end(),
              [](const auto& a, const auto& b) { return a.name < b.name; });
  }
  for (const auto& name : builtin_names()) all.push_back({name, {}});
  return all;
}

std::vector<Candidate> find_template(const std::string& name,
                                     const std::vector<fs::path>& folders) {
  std::vector<Candidate> found;
  std::vector<std::string> names;
  for (auto& each : candidates(folders)) {
    if (std::find(names.begin(), names.end(), each.name) == names.end()) names.push_back(each.name);
    if (each.name == name) found.push_back(std::move(each));
  }
  if (!found.empty()) return found;
  const auto near = base::closest(name, names);
  const auto beside = fs::path(name) / "template.yaml";
  std::error_code ignored;
  const bool here = fs::is_regular_file(beside, ignored);
  throw base::Error({{name, "is no template",
                      here            ? base::cat("the folder here is named ./", name)
                      : !near.empty() ? base::cat("did you mean ", near, "?")
                                      : base::cat("there are ", base::join(names, ", "),
                                                  "; a folder is named ./FOLDER")}});
}

bool is_template_path(const std::string& text) {
  return text.find('/') != std::string::npos || text == "." || text == "..";
}

}  // namespace lotse::tmpl
