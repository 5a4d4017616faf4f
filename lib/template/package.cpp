#include "template/package.h"

#include <algorithm>
#include <filesystem>

#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "template/embedded.h"
#include "template/jsone.h"

namespace lotse::tmpl {

using nlohmann::json;
namespace fs = std::filesystem;

namespace {

using Files = std::map<std::string, std::string>;

std::map<std::string, Files> builtin_packages() {
  std::map<std::string, Files> packages;
  for (const auto& file : embedded_files()) {
    const auto slash = file.path.find('/');
    if (slash != std::string::npos)
      packages[file.path.substr(0, slash)][file.path.substr(slash + 1)] = file.text;
  }
  return packages;
}

Files read_package(const fs::path& folder) {
  if (!fs::is_regular_file(folder / "template.yaml"))
    throw base::Error({{folder.string(), "is no template: it has no template.yaml", ""}});
  Files files{{"template.yaml", base::read_file(folder / "template.yaml")}};
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder / "manifests", error))
    if (entry.path().extension() == ".yaml")
      files[base::cat("manifests/", entry.path().filename().string())] =
          base::read_file(entry.path());
  return files;
}

const json& description_schema() {
  static const json schema = json::parse(R"({
    "type": "object",
    "properties": {
      "name": {"type": "string", "pattern": "^[a-z][a-z0-9-]*$"},
      "kind": {"type": "string", "enum": ["job", "service"]},
      "version": {"type": "string"},
      "mode": {"type": "string"},
      "help": {"type": "string"},
      "schema": {"type": "object"}
    },
    "required": ["name", "kind", "version", "help", "schema"],
    "additionalProperties": false
  })");
  return schema;
}

/// Joins a file and JSON-e's path ".spec.template" to "manifests/job.yaml: spec.template".
std::string place(const std::string& file, const std::string& path) {
  if (path.empty()) return file;
  return base::cat(file, ": ", path[0] == '.' ? path.substr(1) : path);
}

void merge_into(json& into, const json& from) {
  for (const auto& [key, value] : from.items()) {
    if (value.is_object() && into.contains(key) && into[key].is_object()) {
      merge_into(into[key], value);
    } else {
      into[key] = value;
    }
  }
}

/// The flag, or the last values file, that set the value at `pointer`; the flag that would set it
/// where nothing does.
std::string origin(const std::string& pointer, const std::vector<document::Document>& files,
                   const FlagValues& flags, const std::vector<schema::Flag>& known) {
  const auto key = pointer.empty() ? "" : base::split(pointer.substr(1), '/')[0];
  if (!flags.count(key))
    for (auto file = files.rbegin(); file != files.rend(); ++file)
      if (file->value.is_object() && file->value.contains(key)) return file->where(pointer);
  for (const auto& flag : known)
    if (flag.key == key)
      return flag.positional ? base::upper(flag.name) : base::cat("--", flag.name);
  return "";
}

}  // namespace

std::vector<TemplateInfo> builtin_templates() {
  const auto packages = builtin_packages();
  std::vector<TemplateInfo> result;
  result.reserve(packages.size());
  for (const auto& [name, files] : packages) result.push_back(parse_template(files, name).info);
  return result;
}

Template load_template(const std::string& name_or_path) {
  const bool is_path =
      name_or_path.find('/') != std::string::npos || name_or_path == "." || name_or_path == "..";
  if (is_path) return parse_template(read_package(name_or_path), name_or_path);
  const auto packages = builtin_packages();
  const auto found = packages.find(name_or_path);
  if (found != packages.end()) return parse_template(found->second, name_or_path);
  std::vector<std::string> names;
  names.reserve(packages.size());
  for (const auto& [name, unused] : packages) names.push_back(name);
  const auto near = base::closest(name_or_path, names);
  throw base::Error({{name_or_path, "is no template",
                      near.empty() ? base::cat("there are ", base::join(names, ", "),
                                               "; a folder is named ./FOLDER")
                                   : base::cat("did you mean ", near, "?")}});
}

Template parse_template(const Files& files, const std::string& label) {
  const auto name_of = [&](const std::string& file) { return base::cat(label, "/", file); };
  if (!files.count("template.yaml")) throw base::Error({{label, "has no template.yaml", ""}});
  const auto about = document::parse_yaml(files.at("template.yaml"), name_of("template.yaml"));
  base::throw_if_any(
      schema::validate(description_schema(), about.value,
                       [&](const std::string& pointer) { return about.where(pointer); }));
  Template result;
  const auto& value = about.value;
  result.info = {value["name"], value["kind"], value["version"], value["help"],
                 value.value("mode", "")};
  result.schema = schema::with_limits(value["schema"]);
  schema::flags(result.schema);
  for (const auto& [file, text] : files) {
    if (file.compare(0, 10, "manifests/") != 0) continue;
    for (auto& document : document::parse_yaml_stream(text, name_of(file)))
      result.manifests.push_back(std::move(document));
  }
  if (result.manifests.empty()) throw base::Error({{label, "has no manifests/*.yaml", ""}});
  return result;
}

json merge_values(const Template& from, const std::vector<document::Document>& values_files,
                  const FlagValues& flags) {
  auto values = schema::defaults(from.schema);
  for (const auto& file : values_files) {
    if (!file.value.is_object() && !file.value.is_null())
      throw base::Error({{file.where(""), "must be a mapping of values", ""}});
    if (file.value.is_object()) merge_into(values, file.value);
  }
  for (const auto& [key, value] : flags) merge_into(values, {{key, value}});
  values = schema::with_quantities(from.schema, std::move(values));
  const auto known = from.flags();
  base::throw_if_any(schema::validate(from.schema, values, [&](const std::string& pointer) {
    return origin(pointer, values_files, flags, known);
  }));
  return values;
}

json run_configuration(const Template& from, const json& values) {
  if (from.info.mode.empty()) return nullptr;
  auto options = json::object();
  for (const auto& flag : from.flags())
    if (!flag.cluster && values.contains(flag.key)) options[flag.key] = values[flag.key];
  return {{"mode", from.info.mode}, {"options", options}};
}

std::vector<json> render(const Template& from, const json& values, const json& workload,
                         const json& cluster) {
  auto known = workload;
  known["run"] = run_configuration(from, values);
  const json context = {{"values", values}, {"workload", known}, {"cluster", cluster}};
  std::vector<json> result;
  base::Diagnostics problems;
  for (const auto& manifest : from.manifests) {
    try {
      const auto rendered = jsone::render(manifest.value, context);
      if (rendered.is_object()) result.push_back(rendered);
      if (rendered.is_array()) result.insert(result.end(), rendered.begin(), rendered.end());
    } catch (const jsone::Error& error) {
      problems.push_back({place(manifest.file, error.path), error.message, ""});
    }
  }
  base::throw_if_any(std::move(problems));
  return result;
}

}  // namespace lotse::tmpl
