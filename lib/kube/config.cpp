#include "kube/config.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/files.h"
#include "base/log.h"
#include "base/strings.h"
#include "document/document.h"

namespace lotse::kube {

namespace {

namespace fs = std::filesystem;
using base::Diagnostics;

std::string variable(const LoadOptions& options, const std::string& name) {
  const auto found = options.environment.find(name);
  return found == options.environment.end() ? "" : found->second;
}

/// KUBECONFIG's files without repetitions and empty parts; ~/.kube/config if it is not set.
std::vector<fs::path> files_to_read(const LoadOptions& options) {
  if (!options.explicit_path.empty()) return {options.explicit_path};
  std::vector<fs::path> files;
  const auto list = variable(options, "KUBECONFIG");
  if (list.empty()) {
    const auto home = variable(options, "HOME");
    return home.empty() ? files : std::vector<fs::path>{fs::path(home) / ".kube" / "config"};
  }
  for (const auto& part : base::split(list, ':'))
    if (!part.empty() && std::find(files.begin(), files.end(), part) == files.end())
      files.emplace_back(part);
  return files;
}

/// Paths in a kubeconfig are relative to the file that they stand in.
void make_absolute(json& entry, const fs::path& folder, const std::vector<std::string>& keys) {
  for (const auto& key : keys) {
    if (!entry.is_object() || !entry.contains(key) || !entry[key].is_string()) continue;
    const fs::path path = entry[key].get<std::string>();
    if (!path.empty() && path.is_relative()) entry[key] = (folder / path).lexically_normal();
  }
}

/// A plug-in named with a slash is a file beside the kubeconfig; a bare name is looked up in PATH.
void make_absolute_command(json& user, const fs::path& folder) {
  if (!user.is_object() || !user.contains("exec") || !user["exec"].is_object()) return;
  auto& exec = user["exec"];
  if (exec.value("command", "").find('/') != std::string::npos)
    make_absolute(exec, folder, {"command"});
}

struct Section {
  const char* list;  ///< "clusters"
  const char* item;  ///< "cluster"
  std::vector<std::string> paths;
};

void read_section(const document::Document& file, const Section& section,
                  std::map<std::string, json>& into, Diagnostics& problems) {
  const auto& root = file.value;
  if (!root.contains(section.list) || root[section.list].is_null()) return;
  const std::string at = std::string("/") + section.list;
  if (!root[section.list].is_array()) {
    problems.push_back({file.where(at), std::string(section.list) + " must be a list", ""});
    return;
  }
  std::set<std::string> seen;
  for (std::size_t i = 0; i < root[section.list].size(); ++i) {
    const auto& entry = root[section.list][i];
    const auto here = file.where(at + "/" + std::to_string(i));
    if (!entry.is_object() || !entry.contains("name") || !entry["name"].is_string()) {
      problems.push_back({here, std::string("an entry of ") + section.list + " needs a name", ""});
      continue;
    }
    json value = entry.value(section.item, json::object());
    make_absolute(value, fs::absolute(file.file).parent_path(), section.paths);
    make_absolute_command(value, fs::absolute(file.file).parent_path());
    // Within one file the first entry of a name counts as well.
    if (seen.insert(entry["name"]).second) into.emplace(entry["name"], std::move(value));
  }
}

void read_file(const fs::path& path, Config& config, Diagnostics& problems) {
  const auto file = document::parse_yaml(base::read_file(path), path.string());
  if (file.value.is_null()) return;
  if (!file.value.is_object()) {
    problems.push_back({path.string(), "is no kubeconfig: it must be a mapping", ""});
    return;
  }
  read_section(file, {"clusters", "cluster", {"certificate-authority"}}, config.clusters, problems);
  read_section(file, {"users", "user", {"client-certificate", "client-key", "tokenFile"}},
               config.users, problems);
  read_section(file, {"contexts", "context", {}}, config.contexts, problems);
  if (!config.current_context.empty()) return;
  const auto current = file.value.find("current-context");
  if (current != file.value.end() && current->is_string())
    config.current_context = current->get<std::string>();
}

}  // namespace

Config load_config(const LoadOptions& options) {
  Config config;
  Diagnostics problems;
  const auto files = files_to_read(options);
  for (const auto& path : files) {
    if (options.explicit_path.empty() && !fs::exists(path)) continue;
    config.files.push_back(path.string());
    try {
      read_file(path, config, problems);
    } catch (const base::Error& error) {
      if (error.diagnostics().empty()) problems.push_back({"", error.what(), error.hint()});
      problems.insert(problems.end(), error.diagnostics().begin(), error.diagnostics().end());
    }
  }
  base::throw_if_any(std::move(problems));
  if (config.files.empty() && !variable(options, "KUBECONFIG").empty())
    base::log_warning("none of the files in KUBECONFIG is there");
  return config;
}

}  // namespace lotse::kube
