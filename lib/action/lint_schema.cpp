#include "action/lint_schema.h"

#include <map>

#include "contract/options.h"

namespace lotse::action {

namespace {

using base::cat;
using nlohmann::json;

/// Words of JSON Schema (draft 7), and ours. The ones that valijson does not know it passes over,
/// so that nothing but this list finds a slip of the pen.
const std::vector<std::string>& schema_words() {
  static const std::vector<std::string> words = {"$schema",
                                                 "$id",
                                                 "$ref",
                                                 "$comment",
                                                 "title",
                                                 "description",
                                                 "default",
                                                 "examples",
                                                 "readOnly",
                                                 "type",
                                                 "enum",
                                                 "const",
                                                 "multipleOf",
                                                 "minimum",
                                                 "maximum",
                                                 "exclusiveMinimum",
                                                 "exclusiveMaximum",
                                                 "minLength",
                                                 "maxLength",
                                                 "pattern",
                                                 "format",
                                                 "items",
                                                 "additionalItems",
                                                 "minItems",
                                                 "maxItems",
                                                 "uniqueItems",
                                                 "contains",
                                                 "properties",
                                                 "required",
                                                 "additionalProperties",
                                                 "patternProperties",
                                                 "propertyNames",
                                                 "minProperties",
                                                 "maxProperties",
                                                 "dependencies",
                                                 "definitions",
                                                 "if",
                                                 "then",
                                                 "else",
                                                 "allOf",
                                                 "anyOf",
                                                 "oneOf",
                                                 "not",
                                                 "contentEncoding",
                                                 "contentMediaType",
                                                 "x-lotse",
                                                 "x-lotse-order",
                                                 "x-lotse-excludes"};
  return words;
}

const std::vector<std::string>& own_words() {
  static const std::vector<std::string> words = {
      "file",     "cluster_default", "positional", "flag",     "group", "cluster",    "form",
      "quantity", "schedule",        "secret",     "document", "local", "needed_with"};
  return words;
}

void check_words(const json& schema, const std::string& path, Findings& findings) {
  if (!schema.is_object()) return;
  const auto in_file = "template.yaml: " + path;
  for (const auto& [word, value] : schema.items())
    if (!is_among(schema_words(), word))
      findings.add(true, in_file + "." + word, "is no word of JSON Schema",
                   did_you_mean(word, schema_words()));
  const json own = schema.value("x-lotse", json::object());
  for (const auto& [word, value] : own.items())
    if (!is_among(own_words(), word))
      findings.add(true, in_file + ".x-lotse." + word, "is not known",
                   did_you_mean(word, own_words()));
  for (const char* inner : {"properties", "definitions"}) {
    const json all = schema.value(inner, json::object());
    for (const auto& [key, property] : all.items())
      check_words(property, cat(path, ".", inner, ".", key), findings);
  }
  for (const char* inner : {"items", "additionalProperties"})
    if (schema.contains(inner)) check_words(schema[inner], cat(path, ".", inner), findings);
}

void check_flags(const tmpl::Template& from, const std::vector<std::string>& taken,
                 Findings& findings) {
  std::map<std::string, std::string> owners;
  for (const auto& flag : from.flags()) {
    const auto where = property_title(flag.key);
    if (flag.key.find('-') != std::string::npos)
      findings.add(false, where, cat("values.", flag.key, " is a subtraction in an expression"),
                   cat("call it ", base::replace_all(flag.key, "-", "_")));
    if (flag.help.empty()) findings.add(false, where, "has no description: its flag has no help");
    const auto [owner, first] = owners.emplace(flag.name, flag.key);
    if (!first)
      findings.add(true, where, "has the flag --" + flag.name + ", as " + owner->second + " has",
                   "x-lotse: {flag: OTHER-NAME}");
    if (!flag.positional && is_among(taken, flag.name))
      findings.add(true, where, "--" + flag.name + " is a flag of every run",
                   "x-lotse: {flag: OTHER-NAME}");
  }
}

/// A value of a runner's template is given to the runner, which refuses what it does not know.
void check_options(const tmpl::Template& from, Findings& findings) {
  if (from.info.mode.empty()) return;
  std::vector<std::string> known;
  for (const auto& option : contract::options_of(from.info.mode))
    known.emplace_back(option.field.name);
  const auto properties = from.schema.value("properties", json::object());
  for (const auto& [key, property] : properties.items()) {
    const bool for_pods = property.value("/x-lotse/cluster"_json_pointer, false) ||
                          property.value("/x-lotse/secret"_json_pointer, false);
    if (!for_pods && !is_among(known, key))
      findings.add(
          true, property_title(key),
          "is no option of the runner's mode " + from.info.mode + ", which would refuse it",
          "x-lotse: {cluster: true} keeps it for the manifests");
  }
}

}  // namespace

void lint_schema(const tmpl::Template& from, const std::vector<std::string>& taken,
                 Findings& findings) {
  check_words(from.schema, "schema", findings);
  check_flags(from, taken, findings);
  check_options(from, findings);
}

}  // namespace lotse::action
