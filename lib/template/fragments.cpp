#include "template/fragments.h"

#include "base/error.h"
#include "base/strings.h"
#include "template/embedded.h"

namespace lotse::tmpl {

using nlohmann::json;

namespace {

bool is_fragment(const std::string& path) {
  return path.starts_with("shared/");
}

/// Calls `visit` with the name and the JSON pointer of each {$include: NAME} in `value`.
template <class Visit>
void each_include(const json& value, const std::string& pointer, const Visit& visit) {
  if (!value.is_structured()) return;
  for (const auto& [key, inner] : value.items()) {
    const auto at = document::append(pointer, key);
    if (key == "$include" && value.is_object()) {
      visit(inner, at);
    } else {
      each_include(inner, at, visit);
    }
  }
}

}  // namespace

FragmentFiles::FragmentFiles(const Files& files, std::string label)
    : files_(files), label_(std::move(label)) {}

document::Document FragmentFiles::read(const std::string& name, const std::string& where) const {
  std::vector<std::string> known;
  const auto own = files_.find(name);
  if (is_fragment(name) && own != files_.end())
    return document::parse_yaml(own->second, base::cat(label_, "/", name));
  for (const auto& [path, unused] : files_)
    if (is_fragment(path)) known.push_back(path);
  for (const auto& file : embedded_files()) {
    if (!is_fragment(file.path)) continue;
    if (file.path == name) return document::parse_yaml(file.text, name);
    if (files_.count(file.path) == 0) known.push_back(file.path);
  }
  const auto near = base::closest(name, known);
  throw base::Error({{where, base::cat("there is no fragment ", name),
                      near.empty() ? base::cat("there are ", base::join(known, ", "))
                                   : base::cat("did you mean ", near, "?")}});
}

std::map<std::string, document::Document> included_fragments(
    const std::vector<document::Document>& documents, const FragmentFiles& files) {
  std::map<std::string, document::Document> found;
  base::Diagnostics problems;
  std::vector<document::Document> unread = documents;
  while (!unread.empty()) {
    const auto document = std::move(unread.back());
    unread.pop_back();
    each_include(document.value, "", [&](const json& name, const std::string& pointer) {
      const auto where = document.where(pointer);
      if (!name.is_string()) {
        problems.push_back({where, "$include names a fragment, such as shared/pod.yaml", ""});
        return;
      }
      const auto& path = name.get_ref<const std::string&>();
      if (found.count(path) != 0) return;
      try {
        unread.push_back(files.read(path, where));
        found[path] = unread.back();
      } catch (const base::Error& error) {
        problems.insert(problems.end(), error.diagnostics().begin(), error.diagnostics().end());
      }
    });
  }
  base::throw_if_any(std::move(problems));
  return found;
}

Files with_fragments(Files files) {
  std::vector<std::string> unread;
  for (const auto& [path, unused] : files) unread.push_back(path);
  const auto add = [&](const json& name) {
    for (const auto& file : embedded_files())
      if (name == file.path && is_fragment(file.path) && files.emplace(file.path, file.text).second)
        unread.push_back(file.path);
  };
  while (!unread.empty()) {
    const auto path = unread.back();
    unread.pop_back();
    for (const auto& document : document::parse_yaml_stream(files.at(path), path))
      each_include(document.value, "", [&](const json& names, const std::string& /*pointer*/) {
        for (const auto& name : names.is_array() ? names : json::array({names})) add(name);
      });
  }
  return files;
}

}  // namespace lotse::tmpl
