#include "template/package.h"

#include <algorithm>
#include <filesystem>
#include <mutex>

#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "contract/needs.h"
#include "contract/options.h"
#include "contract/task.h"
#include "object/schedule.h"
#include "template/embedded.h"
#include "template/exclusions.h"
#include "template/hints.h"
#include "template/jsone.h"
#include "template/merge.h"
#include "template/search.h"
#include "template/values_schema.h"

namespace lotse::tmpl {

using nlohmann::json;
namespace fs = std::filesystem;

namespace {

/// By name; the folder of the fragments is none of them.
std::map<std::string, Files> builtin_packages() {
  std::map<std::string, Files> packages;
  for (const auto& file : embedded_files()) {
    const auto slash = file.path.find('/');
    if (slash != std::string::npos)
      packages[file.path.substr(0, slash)][file.path.substr(slash + 1)] = file.text;
  }
  std::erase_if(packages, [](const auto& one) { return one.second.count("template.yaml") == 0; });
  return packages;
}

Files read_package(const fs::path& folder) {
  if (!fs::is_directory(folder))
    throw base::Error({{folder.string(), "is no folder: a template is one", ""}});
  if (!fs::is_regular_file(folder / "template.yaml"))
    throw base::Error({{folder.string(), "is no template: it has no template.yaml",
                        "`lotse template init FOLDER` makes one"}});
  Files files{{"template.yaml", base::read_file(folder / "template.yaml")}};
  for (const auto* inside : {"manifests", "shared"}) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder / inside, error))
      if (entry.path().extension() == ".yaml")
        files[base::cat(inside, "/", entry.path().filename().string())] =
            base::read_file(entry.path());
  }
  return files;
}

/// The part of a template's `schema` that is read here; what a fragment of values has.
const json& values_form() {
  static const json form = json::parse(R"({
    "type": "object",
    "properties": {
      "properties": {"type": "object", "additionalProperties": {"type": ["object", "boolean"]}},
      "required": {"type": "array", "items": {"type": "string"}},
      "x-lotse-order": {"type": "array", "items": {"type": "string"}},
      "x-lotse-excludes": {"type": "array", "items": {
        "type": "object",
        "properties": {
          "values": {"type": "array", "items": {"type": "string"}, "minItems": 1},
          "modes": {"type": "array", "items": {"type": "string"}},
          "when": {},
          "says": {"type": "string"},
          "example": {"type": "object"}
        },
        "required": ["values", "when", "says"],
        "additionalProperties": false
      }}
    },
    "additionalProperties": false
  })");
  return form;
}

json with_schema(json description) {
  auto& schema = description["properties"]["schema"] = values_form();
  schema.erase("additionalProperties");
  schema["properties"]["$include"] = {{"type", "array"}, {"items", {{"type", "string"}}}};
  return description;
}

const json& description_form() {
  static const json form = with_schema(json::parse(R"({
    "type": "object",
    "properties": {
      "name": {"type": "string", "pattern": "^[a-z][a-z0-9-]*$", "maxLength": 63},
      "kind": {"type": "string", "enum": ["job", "service"]},
      "version": {"type": "string"},
      "mode": {"type": "string"},
      "help": {"type": "string"}
    },
    "required": ["name", "kind", "version", "help", "schema"],
    "additionalProperties": false
  })"));
  return form;
}

void check_form(const json& form, const document::Document& document) {
  base::throw_if_any(schema::validate(
      form, document.value, [&](const std::string& pointer) { return document.where(pointer); }));
}

/// "manifests/job.yaml:12:9: spec.template", the path as JSON-e gives it.
std::string place(const document::Document& file, const jsone::Error& error) {
  auto where = file.where(error.pointer);
  if (error.path.empty()) return where;
  return base::cat(where, ": ", error.path[0] == '.' ? error.path.substr(1) : error.path);
}

/// What expressions of a manifest may name.
std::vector<std::string> names_in(const json& schema) {
  std::vector<std::string> names = {"values",    "workload", "cluster",        "name",
                                    "namespace", "labels",   "image",          "run",
                                    "volumes",   "revision", "imagePullPolicy"};
  const auto properties = schema.value("properties", json::object());
  for (const auto& [key, unused] : properties.items()) names.push_back(key);
  return names;
}

base::Diagnostic mistake_in(const document::Document& manifest, const Template& from,
                            const jsone::Error& error) {
  const auto& file = error.fragment.empty() ? manifest : from.fragments.at(error.fragment);
  const auto hint = hint_for(error, file.value, names_in(from.schema));
  const auto included = base::cat("included by ", manifest.file);
  return {place(file, error), error.message,
          !hint.empty()            ? hint
          : error.fragment.empty() ? ""
                                   : included};
}

void check_mode(const std::string& mode, const std::string& where) {
  const auto known = contract::modes();
  if (mode.empty() || std::find(known.begin(), known.end(), mode) != known.end()) return;
  const auto near = base::closest(mode, known);
  throw base::Error({{where, base::cat("'", mode, "' is no mode of the runner"),
                      near.empty() ? base::cat("there are ", base::join(known, ", "))
                                   : base::cat("did you mean ", near, "?")}});
}

/// The schema in template.yaml with what it inherits.
json whole_schema(const document::Document& about, const FragmentFiles& fragments) {
  const auto& own = about.value["schema"];
  std::vector<json> included;
  const auto names = own.value("$include", json::array());
  for (size_t i = 0; i < names.size(); ++i) {
    const auto where = about.where(base::cat("/schema/$include/", i));
    const auto fragment = fragments.read(names[i], where);
    check_form(values_form(), fragment);
    included.push_back(fragment.value);
  }
  const auto mode = about.value.value("mode", "");
  return schema::with_limits(
      with_exclusions(values_schema(mode_schema(mode), included, own), mode));
}

/// Every value can be a flag. Of a schema whose `properties` are misspelt, that is said.
void check_flags(const json& schema, const document::Document& about) {
  const auto& own = about.value["schema"];
  for (const auto& [key, unused] : own.items())
    if (!own.contains("properties") && base::closest(key, {"properties"}) == "properties")
      throw base::Error({{base::cat(about.where("/schema/" + key), ": schema.", key),
                          "is no word of JSON Schema", "did you mean properties?"}});
  try {
    schema::flags(schema);
  } catch (const base::Error& error) {
    auto problems = error.diagnostics();
    for (auto& problem : problems) {
      const auto pointer = "/schema" + problem.where;
      problem.where = base::cat(about.where(pointer), ": ", document::display_path(pointer));
    }
    throw base::Error(std::move(problems));
  }
}

jsone::Fragments contents_of(const std::map<std::string, document::Document>& documents) {
  jsone::Fragments contents;
  for (const auto& [name, document] : documents) contents[name] = document.value;
  return contents;
}

/// What manifests see, but for the cluster.
json context_of(const Template& from, const json& values, const json& workload) {
  auto known = workload;
  known["run"] = run_configuration(from, values);
  return {{"values", values}, {"workload", known}};
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

/// What is wrong with values that are schedules ("x-lotse": {"schedule": true}).
base::Diagnostics wrong_schedules(const json& schema, const json& values,
                                  const schema::WhereFunction& where) {
  base::Diagnostics problems;
  const auto properties = schema.value("properties", json::object());
  for (const auto& [key, property] : properties.items()) {
    const auto text = values.value(key, json());
    if (!property.value("/x-lotse/schedule"_json_pointer, false) || !text.is_string() || text == "")
      continue;
    try {
      object::Schedule::parse(text.get_ref<const std::string&>());
    } catch (const base::Error& error) {
      for (auto problem : error.diagnostics()) {
        problem.message = base::cat(problem.where, ": ", problem.message);
        problem.where = where("/" + key);
        problems.push_back(std::move(problem));
      }
    }
  }
  return problems;
}

}  // namespace

std::vector<TemplateInfo> builtin_templates() {
  const auto packages = builtin_packages();
  std::vector<TemplateInfo> result;
  result.reserve(packages.size());
  for (const auto& [name, files] : packages) result.push_back(parse_template(files, name).info);
  return result;
}

std::vector<std::string> builtin_names() {
  std::vector<std::string> names;
  for (const auto& [name, unused] : builtin_packages()) names.push_back(name);
  return names;
}

std::map<std::string, std::string> template_files(const std::string& name_or_path) {
  if (is_template_path(name_or_path)) return read_package(name_or_path);
  find_template(name_or_path, {});
  return builtin_packages().at(name_or_path);
}

/// A built-in template is read once: a command tree of all verbs asks for each four times.
Template load_template(const std::string& name_or_path) {
  const auto read = [&] { return parse_template(template_files(name_or_path), name_or_path); };
  if (is_template_path(name_or_path)) return read();
  static std::mutex mutex;
  static std::map<std::string, Template> known;
  const std::lock_guard lock(mutex);
  const auto found = known.find(name_or_path);
  return found != known.end() ? found->second : known.emplace(name_or_path, read()).first->second;
}

Template parse_template(const Files& files, const std::string& label) {
  const auto name_of = [&](const std::string& file) { return base::cat(label, "/", file); };
  if (!files.count("template.yaml")) throw base::Error({{label, "has no template.yaml", ""}});
  const auto about = document::parse_yaml(files.at("template.yaml"), name_of("template.yaml"));
  check_form(description_form(), about);
  Template result;
  const auto& value = about.value;
  result.info = {value["name"], value["kind"], value["version"], value["help"],
                 value.value("mode", "")};
  check_mode(result.info.mode, about.where("/mode"));
  const FragmentFiles fragments(files, label);
  result.schema = whole_schema(about, fragments);
  check_flags(result.schema, about);
  for (const auto& [file, text] : files) {
    if (file.compare(0, 10, "manifests/") != 0) continue;
    for (auto& document : document::parse_yaml_stream(text, name_of(file)))
      result.manifests.push_back(std::move(document));
  }
  if (result.manifests.empty()) throw base::Error({{label, "has no manifests/*.yaml", ""}});
  result.fragments = included_fragments(result.manifests, fragments);
  return result;
}

namespace {

/// Options of other models than the one that is named, and those without what they need: what flags
/// give, and what files set to another value than the default, for a file may hold all values.
base::Diagnostics without_effect(const std::string& mode, const json& values,
                                 const FlagValues& flags, const schema::WhereFunction& where) {
  const auto task = contract::task_of_name(values.value("model", ""));
  base::Diagnostics problems;
  for (const auto& option : contract::options_of(mode)) {
    const std::string name = option.field.name;
    if (!values.contains(name)) continue;
    if (flags.count(name) == 0 && values[name] == option.standard) continue;
    auto problem = contract::is_for(option.field, task)
                       ? contract::without_need(mode, name, values)
                       : contract::others_option(option.field, task);
    if (!problem.empty()) problems.push_back({where("/" + name), std::move(problem), ""});
  }
  return problems;
}

}  // namespace

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
  const auto where = [&](const std::string& pointer) {
    return origin(pointer, values_files, flags, known);
  };
  base::throw_if_any(schema::validate(from.schema, values, where));
  base::throw_if_any(wrong_schedules(from.schema, values, where));
  auto problems = excluded(from.schema, values, where);
  for (auto& problem : without_effect(from.info.mode, values, flags, where))
    problems.push_back(std::move(problem));
  base::throw_if_any(std::move(problems));
  return values;
}

json run_configuration(const Template& from, const json& values) {
  if (from.info.mode.empty()) return nullptr;
  auto options = json::object();
  const auto properties = from.schema.value("properties", json::object());
  for (const auto& [key, property] : properties.items())
    if (values.contains(key) && !property.value("/x-lotse/cluster"_json_pointer, false) &&
        !property.value("/x-lotse/secret"_json_pointer, false))
      options[key] = values[key];
  return {{"mode", from.info.mode}, {"options", options}};
}

json plain_cluster() {
  return {{"capabilities", json::object()}};
}

bool looks_at_cluster(const Template& from, const json& values, const json& workload) {
  const auto fragments = contents_of(from.fragments);
  const auto context = context_of(from, values, workload);
  for (const auto& manifest : from.manifests) {
    try {
      jsone::render(manifest.value, context, fragments);
    } catch (const jsone::Error& error) {
      if (error.message == "unknown context value cluster") return true;
    }
  }
  return false;
}

std::vector<json> render(const Template& from, const json& values, const json& workload,
                         const json& cluster) {
  const auto fragments = contents_of(from.fragments);
  auto context = context_of(from, values, workload);
  context["cluster"] = cluster;
  std::vector<json> result;
  base::Diagnostics problems;
  for (const auto& manifest : from.manifests) {
    try {
      const auto rendered = jsone::render(manifest.value, context, fragments);
      if (rendered.is_object()) result.push_back(rendered);
      if (rendered.is_array()) result.insert(result.end(), rendered.begin(), rendered.end());
    } catch (const jsone::Error& error) {
      problems.push_back(mistake_in(manifest, from, error));
    }
  }
  base::throw_if_any(std::move(problems));
  return result;
}

}  // namespace lotse::tmpl
