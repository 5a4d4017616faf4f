#include "template/values_schema.h"

#include <algorithm>
#include <cmath>

#include "contract/options.h"
#include "template/merge.h"

namespace lotse::tmpl {

using contract::Field;
using contract::Option;
using contract::Type;
using nlohmann::json;

namespace {

/// 3 rather than 3.0: limits and defaults are printed, and stand in the manifests.
json plain(double number) {
  constexpr double exact = 9007199254740992;  // 2^53
  const bool whole = number == std::trunc(number) && std::abs(number) <= exact;
  return whole ? json(static_cast<int64_t>(number)) : json(number);
}

const char* type_name(Type type) {
  switch (type) {
    case Type::text:
      return "string";
    case Type::integer:
      return "integer";
    case Type::number:
      return "number";
    case Type::boolean:
      return "boolean";
    case Type::text_list:
    case Type::integer_list:
      return "array";
  }
  return "";
}

json with_bounds(json schema, const Field& field) {
  if (field.minimum) schema["minimum"] = plain(*field.minimum);
  if (field.maximum) schema["maximum"] = plain(*field.maximum);
  if (field.multiple_of) schema["multipleOf"] = plain(*field.multiple_of);
  if (!field.choices.empty()) schema["enum"] = field.choices;
  return schema;
}

/// What has no word in JSON Schema.
json extension(const Field& field) {
  json result = json::object();
  if (field.place == Field::positional) result["positional"] = true;
  if (field.file != Field::no_file) result["file"] = field.file == Field::in ? "in" : "out";
  if (*field.group != '\0') result["group"] = field.group;
  if (*field.lotse_flag != '\0') result["flag"] = field.lotse_flag;
  return result;
}

json property(const Option& option) {
  const auto& field = option.field;
  const bool list = option.type == Type::text_list || option.type == Type::integer_list;
  json result = {{"type", type_name(option.type)}, {"description", field.help}};
  if (list) {
    const auto* item = option.type == Type::text_list ? "string" : "integer";
    result["items"] = with_bounds({{"type", item}}, field);
  } else {
    result = with_bounds(std::move(result), field);
  }
  if (!field.required)
    result["default"] =
        option.type == Type::number ? plain(option.standard.get<double>()) : option.standard;
  else if (list || option.type == Type::text)
    result[list ? "minItems" : "minLength"] = 1;
  if (auto more = extension(field); !more.empty()) result["x-lotse"] = std::move(more);
  return result;
}

std::vector<std::string> names(const json& schema, const char* key) {
  return schema.value(key, std::vector<std::string>());
}

bool contains(const std::vector<std::string>& all, const std::string& name) {
  return std::find(all.begin(), all.end(), name) != all.end();
}

/// Adds those of `more` that are neither in `all` nor in `but`.
void add_new(std::vector<std::string>& all, const std::vector<std::string>& more,
             const std::vector<std::string>& but = {}) {
  for (const auto& name : more)
    if (!contains(all, name) && !contains(but, name)) all.push_back(name);
}

void lay_over(json& properties, const json& schema) {
  const auto laid = schema.value("properties", json::object());
  for (const auto& [key, value] : laid.items()) {
    if (value == json(false)) {
      properties.erase(key);
    } else {
      auto& into = properties[key];
      if (into.is_null()) into = json::object();
      if (value.is_object()) merge_into(into, value);
    }
  }
}

/// The tables of the included schemas and of the template's own, each row once.
json all_exclusions(const std::vector<json>& included, const json& own) {
  json table = json::array();
  const auto add = [&](const json& schema) {
    const auto rows = schema.value("x-lotse-excludes", json::array());
    for (const auto& row : rows)
      if (std::find(table.begin(), table.end(), row) == table.end()) table.push_back(row);
  };
  for (const auto& schema : included) add(schema);
  add(own);
  return table;
}

}  // namespace

json mode_schema(const std::string& mode) {
  json schema = json::object();
  for (const auto& option : contract::options_of(mode)) {
    schema["properties"][option.field.name] = property(option);
    schema["x-lotse-order"].push_back(option.field.name);
    if (option.field.required) schema["required"].push_back(option.field.name);
  }
  return schema;
}

json values_schema(const json& mode, const std::vector<json>& included, const json& own) {
  const auto own_order = names(own, "x-lotse-order");
  json properties = json::object();
  std::vector<std::string> order;
  std::vector<std::string> inherited;
  lay_over(properties, mode);
  add_new(order, names(mode, "x-lotse-order"), own_order);
  add_new(inherited, names(mode, "required"));
  add_new(order, own_order);
  for (const auto& schema : included) {
    lay_over(properties, schema);
    add_new(order, names(schema, "x-lotse-order"));
    add_new(inherited, names(schema, "required"));
  }
  lay_over(properties, own);
  std::vector<std::string> required;
  for (const auto& name : inherited)
    if (properties.contains(name) && !properties[name].contains("default"))
      required.push_back(name);
  add_new(required, names(own, "required"));
  // A name in the template's own order that is nowhere a property is a mistake, reported as such.
  std::erase_if(order, [&](const auto& name) {
    return !properties.contains(name) && !contains(own_order, name);
  });
  json result = own;
  result.erase("$include");
  if (!properties.empty()) result["properties"] = std::move(properties);
  if (!order.empty()) result["x-lotse-order"] = order;
  if (!required.empty()) result["required"] = required;
  if (auto table = all_exclusions(included, own); !table.empty())
    result["x-lotse-excludes"] = std::move(table);
  return result;
}

}  // namespace lotse::tmpl
