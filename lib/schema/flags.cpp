#include <algorithm>

#include "base/error.h"
#include "base/number.h"
#include "base/strings.h"
#include "document/document.h"
#include "schema/schema.h"

namespace lotse::schema {

using nlohmann::json;

namespace {

FlagType type_of(const std::string& key, const json& property) {
  if (property.value("/x-lotse/document"_json_pointer, false)) return FlagType::document;
  const std::string type = property.value("type", "string");
  if (type == "string") return FlagType::text;
  if (type == "integer") return FlagType::integer;
  if (type == "number") return FlagType::number;
  if (type == "boolean") return FlagType::boolean;
  if (type == "object") return FlagType::map;
  if (type == "array") {
    const std::string item = property.value("items", json::object()).value("type", "string");
    if (item == "string") return FlagType::text_list;
    if (item == "integer") return FlagType::integer_list;
  }
  const auto near =
      base::closest(type, {"string", "integer", "number", "boolean", "object", "array"});
  throw base::Error(
      {{base::cat("/properties/", key, "/type"), type + " is no type that a flag can have",
        near.empty() || near == type ? "" : base::cat("did you mean ", near, "?")}});
}

FileUse file_use(const json& extension) {
  const std::string use = extension.value("file", "");
  return use == "in" ? FileUse::in : use == "out" ? FileUse::out : FileUse::none;
}

Flag to_flag(const std::string& key, const json& property) {
  const auto extension = property.value("x-lotse", json::object());
  Flag flag;
  flag.key = key;
  const auto name = extension.value("flag", json());
  flag.name = name.is_string() ? name.get<std::string>() : base::replace_all(key, "_", "-");
  flag.help = property.value("description", "");
  flag.type = type_of(key, property);
  flag.default_value = property.value("default", json());
  flag.choices = property.value("enum", std::vector<std::string>());
  const auto bounds = flag.type == FlagType::integer_list ? property["items"] : property;
  if (bounds.contains("minimum")) flag.minimum = bounds["minimum"].get<double>();
  if (bounds.contains("maximum")) flag.maximum = bounds["maximum"].get<double>();
  flag.positional = extension.value("positional", false);
  flag.cluster = extension.value("cluster", false);
  flag.local = extension.value("local", true);
  flag.file = file_use(extension);
  flag.cluster_default = extension.value("cluster_default", "");
  flag.needed_with = extension.value("needed_with", "");
  flag.group = extension.value("group", "");
  return flag;
}

std::optional<json> parse_integer(const std::string& text) {
  const auto value = base::to_integer(text);
  return value ? std::optional<json>(*value) : std::nullopt;
}

std::optional<json> parse_number(const std::string& text) {
  if (auto integer = parse_integer(text)) return integer;
  const auto value = base::to_number(text);
  return value ? std::optional<json>(*value) : std::nullopt;
}

}  // namespace

json defaults(const json& schema) {
  json result = json::object();
  const auto properties = schema.value("properties", json::object());
  for (const auto& [key, property] : properties.items()) {
    if (property.contains("default")) {
      result[key] = property["default"];
    } else if (property.contains("properties")) {
      result[key] = defaults(property);
    }
  }
  return result;
}

json with_limits(json schema) {
  constexpr int64_t largest = 2147483647;
  if (!schema.is_object()) return schema;
  if (schema.value("type", json()) == "integer" && !schema.contains("maximum"))
    schema["maximum"] = largest;
  if (schema.contains("items")) schema["items"] = with_limits(schema["items"]);
  if (schema.contains("properties"))
    for (auto& property : schema["properties"]) property = with_limits(property);
  return schema;
}

json with_quantities(const json& schema, json values) {
  const auto properties = schema.value("properties", json::object());
  for (const auto& [key, property] : properties.items()) {
    const bool quantity = property.value("/x-lotse/quantity"_json_pointer, false);
    const auto value = values.find(key);
    if (quantity && value != values.end() && value->is_number()) *value = value->dump();
  }
  return values;
}

std::vector<Flag> flags(const json& schema) {
  const auto properties = schema.value("properties", json::object());
  std::vector<std::string> order = schema.value("x-lotse-order", std::vector<std::string>());
  for (const auto& [key, unused] : properties.items())
    if (std::find(order.begin(), order.end(), key) == order.end()) order.push_back(key);
  const auto required = schema.value("required", std::vector<std::string>());
  std::vector<Flag> result;
  for (const auto& key : order) {
    if (!properties.contains(key)) {
      std::vector<std::string> known;
      for (const auto& [name, unused] : properties.items()) known.push_back(name);
      const auto near = base::closest(key, known);
      throw base::Error({{"/x-lotse-order", "names no property: " + key,
                          near.empty() ? "" : base::cat("did you mean ", near, "?")}});
    }
    if (properties[key].value("/x-lotse/flag"_json_pointer, json()) == json(false)) continue;
    result.push_back(to_flag(key, properties[key]));
    result.back().required = std::find(required.begin(), required.end(), key) != required.end();
  }
  std::stable_partition(result.begin(), result.end(),
                        [](const Flag& flag) { return flag.positional; });
  return result;
}

std::optional<json> parse_flag(const Flag& flag, const std::string& text) {
  switch (flag.type) {
    case FlagType::text:
    case FlagType::text_list:
      return json(text);
    case FlagType::integer:
    case FlagType::integer_list:
      return parse_integer(text);
    case FlagType::number:
      return parse_number(text);
    case FlagType::boolean:
      if (text == "true" || text.empty()) return json(true);
      if (text == "false") return json(false);
      return {};
    case FlagType::document:
      return document::read_document(text).value;
    case FlagType::map: {
      const auto sign = text.find('=');
      if (sign == std::string::npos || sign == 0) return {};
      return json{{text.substr(0, sign), text.substr(sign + 1)}};
    }
  }
  return {};
}

}  // namespace lotse::schema
