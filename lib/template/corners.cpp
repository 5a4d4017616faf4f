#include "template/corners.h"

#include <algorithm>
#include <cmath>

#include "schema/schema.h"

namespace lotse::tmpl {

using nlohmann::json;

namespace {

/// Texts of the forms that values of workloads have; one of them fits most patterns.
constexpr const char* texts[] = {"a",
                                 "1",
                                 "A",
                                 "/a",
                                 "a/b",
                                 "a.b",
                                 "volume:a/b",
                                 "1Gi",
                                 "A=b",
                                 "10.0.0.0/8",
                                 "10.0.0.1",
                                 "example.com",
                                 "a:1",
                                 "http://example.com",
                                 "a@b.example",
                                 "1.0",
                                 "2026-01-31T12:00:00Z",
                                 "1h"};

std::string type_of(const json& schema) {
  const json type = schema.value("type", json());
  if (type.is_string()) return type;
  return type.is_array() && !type.empty() && type[0].is_string() ? type[0] : "";
}

void add_numbers(const json& schema, bool whole, std::vector<json>& found) {
  const double step = schema.value("multipleOf", whole ? 1.0 : 0.0);
  const auto add = [&](double number) {
    if (step > 0 && schema.contains("multipleOf")) number = std::round(number / step) * step;
    constexpr double exact = 9007199254740992;  // 2^53
    found.push_back(whole ? json(static_cast<int64_t>(std::clamp(number, -exact, exact)))
                          : json(number));
  };
  const double beside = step > 0 ? step : 1e-6;
  for (const char* end : {"minimum", "maximum"})
    if (schema.contains(end) && schema[end].is_number()) {
      const auto limit = schema[end].get<double>();
      add(limit);
      if (!schema.contains("multipleOf")) continue;
      // A limit that is no multiple: the nearest one that is allowed.
      add(std::string(end) == "minimum" ? limit + beside / 2 : limit - beside / 2);
    }
  if (schema.contains("exclusiveMinimum") && schema["exclusiveMinimum"].is_number())
    add(schema["exclusiveMinimum"].get<double>() + beside);
  if (schema.contains("exclusiveMaximum") && schema["exclusiveMaximum"].is_number())
    add(schema["exclusiveMaximum"].get<double>() - beside);
  add(0);
  add(1);
}

void add_texts(const json& schema, std::vector<json>& found) {
  // A text for each end of the allowed length, and one of a usual form.
  constexpr size_t long_one = 63;
  found.emplace_back("");
  const auto before = found.size();
  for (const char* text : texts) {
    if (found.size() > before) break;
    if (schema::validate(schema, text).empty()) found.emplace_back(text);
  }
  const auto least = schema.value("minLength", size_t{0});
  const auto most = std::min(schema.value("maxLength", long_one), size_t{1000});
  if (least > 0) found.emplace_back(std::string(std::min(least, size_t{1000}), 'a'));
  found.emplace_back(std::string(most, 'a'));
}

void add_lists(const json& schema, std::vector<json>& found) {
  found.push_back(json::array());
  const auto items = corners(schema.value("items", json({{"type", "string"}})));
  for (const auto& item : items) found.push_back(json::array({item}));
  if (items.size() > 1) found.push_back(json::array({items[0], items[1]}));
}

void add_objects(const json& schema, std::vector<json>& found) {
  const json plain = schema::defaults(schema);
  found.push_back(plain);
  const json properties = schema.value("properties", json::object());
  for (const auto& [key, property] : properties.items())
    for (const auto& value : corners(property)) {
      json with = plain;
      with[key] = value;
      found.push_back(std::move(with));
    }
  const json others = schema.value("additionalProperties", json(true));
  if (!properties.empty() || !others.is_object()) return;
  for (const auto& value : corners(others))
    for (const char* key : {"a", "example.com/a"}) {
      json one = json::object();
      one[key] = value;
      found.push_back(std::move(one));
    }
}

void add_by_type(const json& schema, std::vector<json>& found) {
  const auto type = type_of(schema);
  if (type == "boolean") found.insert(found.end(), {false, true});
  if (type == "integer" || type == "number") add_numbers(schema, type == "integer", found);
  if (type == "string") add_texts(schema, found);
  if (type == "array") add_lists(schema, found);
  if (type == "object") add_objects(schema, found);
}

}  // namespace

std::vector<json> corners(const json& schema) {
  std::vector<json> found;
  if (!schema.is_object()) return found;
  if (schema.contains("default")) found.push_back(schema["default"]);
  for (const char* given : {"examples", "enum"})
    if (schema.contains(given) && schema[given].is_array())
      found.insert(found.end(), schema[given].begin(), schema[given].end());
  if (schema.contains("const")) found.push_back(schema["const"]);
  if (!schema.contains("enum")) add_by_type(schema, found);
  std::vector<json> fitting;
  for (auto& value : found)
    if (std::find(fitting.begin(), fitting.end(), value) == fitting.end() &&
        schema::validate(schema, value).empty())
      fitting.push_back(std::move(value));
  return fitting;
}

}  // namespace lotse::tmpl
