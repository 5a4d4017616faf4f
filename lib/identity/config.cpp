#include "identity/config.h"

#include <algorithm>

#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "document/document.h"
#include "identity/config_fields.h"

namespace lotse::identity {

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

struct Section {
  const char* list;  ///< "clusters"
  const char* item;  ///< "cluster"
  Part part;
};

/// The entries of one list of one file. client-go refuses names that come twice there.
std::map<std::string, json> read_section(const document::Document& file, const Section& section,
                                         Diagnostics& problems) {
  std::map<std::string, json> entries;
  const std::string at = std::string("/") + section.list;
  const json list = file.value.value(section.list, json(nullptr));
  if (!list.is_array()) {
    if (!list.is_null())
      problems.push_back({file.where(at), std::string(section.list) + " must be a list", ""});
    return entries;
  }
  const FieldReader reader(file, problems);
  for (std::size_t i = 0; i < list.size(); ++i) {
    const auto here = document::append(at, std::to_string(i));
    const json entry = list[i].is_null() ? json::object() : list[i];
    if (!entry.is_object()) {
      problems.push_back({file.where(here), "an entry must be a mapping", ""});
      continue;
    }
    const auto name = reader.text(entry, "name", here);
    json value = reader.part(entry.value(section.item, json(nullptr)), section.part,
                             document::append(here, section.item));
    if (!entries.emplace(name, std::move(value)).second)
      problems.push_back({file.where(here), std::string(section.list) + " has '" + name + "' twice",
                          "remove one of them"});
  }
  return entries;
}

void check_kind(const document::Document& file, const FieldReader& reader, Diagnostics& problems) {
  const auto version = reader.text(file.value, "apiVersion", "");
  const auto kind = reader.text(file.value, "kind", "");
  if ((version.empty() || version == "v1") && (kind.empty() || kind == "Config")) return;
  problems.push_back({file.where("/kind"), "is no kubeconfig: it must be a Config of v1", ""});
}

void read_rest(const document::Document& file, const FieldReader& reader, Config& config) {
  const auto current = reader.text(file.value, "current-context", "");
  if (config.current_context.empty()) config.current_context = current;
  config.extensions.merge(
      reader.extensions(file.value.value("extensions", json(nullptr)), "/extensions"));
  const auto more = reader.part(file.value.value("preferences", json(nullptr)), Part::preferences,
                                "/preferences");
  if (more.contains("colors")) config.preferences["colors"] = true;
  if (!more.contains("extensions")) return;
  auto& list = config.preferences["extensions"];
  for (const auto& each : more["extensions"])
    if (std::none_of(list.begin(), list.end(),
                     [&](const json& old) { return old["name"] == each["name"]; }))
      list.push_back(each);
  std::sort(list.begin(), list.end(),
            [](const json& a, const json& b) { return a["name"] < b["name"]; });
}

void read_file(const fs::path& path, Config& config, Diagnostics& problems) {
  auto file = document::parse_yaml(base::read_file(path), path.string());
  if (file.value.is_null()) return;
  if (!file.value.is_object()) {
    problems.push_back({path.string(), "is no kubeconfig: it must be a mapping", ""});
    return;
  }
  const FieldReader reader(file, problems);
  check_kind(file, reader, problems);
  const auto folder = fs::absolute(path).parent_path();
  auto clusters = read_section(file, {"clusters", "cluster", Part::cluster}, problems);
  auto users = read_section(file, {"users", "user", Part::user}, problems);
  for (const auto& [name, value] : clusters) config.cluster_folders.emplace(name, folder);
  for (const auto& [name, value] : users) config.user_folders.emplace(name, folder);
  // merge() keeps entries that are there already, so the first file that has one gives all of it.
  config.clusters.merge(clusters);
  config.users.merge(users);
  config.contexts.merge(read_section(file, {"contexts", "context", Part::context}, problems));
  read_rest(file, reader, config);
}

std::string choices(const Config& config) {
  std::vector<std::string> names;
  for (const auto& [name, value] : config.contexts) names.push_back(name);
  if (names.empty()) return "it has no contexts; --on local runs on this machine";
  return "--on takes one of " + base::join(names, ", ") + ", or local, which is this machine";
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
  return config;
}

std::optional<std::string> current_context(const Config& config, const LoadOptions& options) {
  const auto list = variable(options, "KUBECONFIG");
  const bool asked = !options.explicit_path.empty() || !list.empty();
  const auto& current = config.current_context;
  if (current.empty() && !asked) return std::nullopt;
  if (config.contexts.contains(current)) return current;
  const std::string here = "--on local runs on this machine";
  if (config.files.empty())
    throw base::Error({{"KUBECONFIG", "none of its files is there: " + list, here}});
  const auto files = base::join(config.files, ", ");
  if (current.empty()) throw base::Error({{files, "sets no current-context", choices(config)}});
  throw base::Error({{files, "there is no context '" + current + "', which is its current-context",
                      choices(config)}});
}

json to_json(const Config& config) {
  const auto list = [](const std::map<std::string, json>& entries, const char* key) {
    return entries.empty() ? json(nullptr) : named_list(entries, key);
  };
  json all = {{"kind", "Config"},
              {"apiVersion", "v1"},
              {"clusters", list(config.clusters, "cluster")},
              {"users", list(config.users, "user")},
              {"contexts", list(config.contexts, "context")},
              {"current-context", config.current_context}};
  if (!config.preferences.empty()) all["preferences"] = config.preferences;
  if (!config.extensions.empty()) all["extensions"] = named_list(config.extensions, "extension");
  return all;
}

}  // namespace lotse::identity
