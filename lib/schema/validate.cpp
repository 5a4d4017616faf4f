// Without this definition valijson ends the process where a schema is wrong, instead of throwing.
#define VALIJSON_USE_EXCEPTIONS 1

#include <cmath>
#include <regex>
#include <set>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "base/error.h"
#include "base/strings.h"
#include "document/document.h"
#include "schema/schema.h"

namespace lotse::schema {

using nlohmann::json;

namespace {

/// valijson's "<root>", "[key]", "[0]" as a JSON pointer.
std::string to_pointer(const std::vector<std::string>& context) {
  std::string pointer;
  for (size_t i = 1; i < context.size(); ++i) {
    auto part = context[i];
    if (part.size() >= 2 && part.front() == '[') part = part.substr(1, part.size() - 2);
    if (part.size() >= 2 && part.front() == '"') part = part.substr(1, part.size() - 2);
    pointer = document::append(pointer, part);
  }
  return pointer;
}

/// The part of the schema that describes the value at `pointer`, found by way of properties, items
/// and additionalProperties.
json subschema(json schema, const std::string& pointer) {
  if (pointer.empty()) return schema;
  for (const auto& part : base::split(pointer.substr(1), '/')) {
    const auto key = base::replace_all(base::replace_all(part, "~1", "/"), "~0", "~");
    if (!schema.is_object()) return nullptr;
    if (schema.contains("properties") && schema["properties"].contains(key)) {
      schema = json(schema["properties"][key]);
    } else if (schema.contains("items") && schema["items"].is_object()) {
      schema = json(schema["items"]);
    } else if (schema.contains("additionalProperties")) {
      schema = json(schema["additionalProperties"]);
    } else {
      return nullptr;
    }
  }
  return schema;
}

bool is_whole(double number) {
  return std::isfinite(number) && number == std::trunc(number);
}

bool has_type(const json& value, const std::string& type) {
  if (type == "integer")
    return value.is_number_integer() || (value.is_number_float() && is_whole(value.get<double>()));
  return (type == "string" && value.is_string()) || (type == "number" && value.is_number()) ||
         (type == "boolean" && value.is_boolean()) || (type == "object" && value.is_object()) ||
         (type == "array" && value.is_array()) || (type == "null" && value.is_null());
}

struct Problem {
  std::string pointer;
  std::string message;
  std::string hint;
};

std::string did_you_mean(const std::string& word, const std::vector<std::string>& candidates) {
  const auto near = base::closest(word, candidates);
  return near.empty() ? "" : base::cat("did you mean ", near, "?");
}

void add_unknown_keys(std::vector<Problem>& problems, const json& schema, const json& value,
                      const std::string& pointer) {
  if (!value.is_object() || !schema.contains("properties")) return;
  std::vector<std::string> known;
  for (const auto& [key, unused] : schema["properties"].items()) known.push_back(key);
  if (schema.value("additionalProperties", json(true)) == json(false))
    for (const auto& [key, unused] : value.items())
      if (!schema["properties"].contains(key))
        problems.push_back(
            {document::append(pointer, key), "is not a value here", did_you_mean(key, known)});
}

void add_missing_keys(std::vector<Problem>& problems, const json& schema, const json& value,
                      const std::string& pointer) {
  if (!value.is_object() || !schema.contains("required")) return;
  for (const auto& key : schema["required"])
    if (!value.contains(key.get<std::string>()))
      problems.push_back({document::append(pointer, key), "is required", ""});
}

/// What the schema's author says for a value that does not fit.
std::string advice(const json& schema) {
  return schema.value("x-lotse", json::object()).value("form", "");
}

void add_range(std::vector<Problem>& problems, const json& schema, const json& value,
               const std::string& pointer) {
  if (!value.is_number()) return;
  const auto number = value.get<double>();
  if (schema.contains("minimum") && number < schema["minimum"].get<double>())
    problems.push_back(
        {pointer, base::cat("must be at least ", schema["minimum"].dump(), ", is ", value.dump()),
         ""});
  if (schema.contains("maximum") && number > schema["maximum"].get<double>())
    problems.push_back(
        {pointer, base::cat("must be at most ", schema["maximum"].dump(), ", is ", value.dump()),
         advice(schema)});
}

void add_multiple(std::vector<Problem>& problems, const json& schema, const json& value,
                  const std::string& pointer) {
  if (!value.is_number() || !schema.contains("multipleOf")) return;
  const auto step = schema["multipleOf"].get<double>();
  const auto number = value.get<double>();
  const auto steps = number / step;
  if (steps == std::trunc(steps)) return;
  const auto below = std::floor(steps) * step;
  problems.push_back(
      {pointer,
       base::cat("must be a multiple of ", schema["multipleOf"].dump(), ", is ", value.dump()),
       base::cat("the nearest are ", std::max(below, step), " and ", below + step)});
}

/// The form of the keys of the objects in `value` ("propertyNames" with a pattern), which valijson
/// reports as a mistake of what is around them.
void add_wrong_names(std::vector<Problem>& problems, const json& schema, const json& value,
                     const std::string& pointer) {
  if (!value.is_object() || !schema.contains("properties")) return;
  for (const auto& [name, inner] : value.items()) {
    const json property = schema["properties"].value(name, json::object());
    const auto pattern = property.value("/propertyNames/pattern"_json_pointer, "");
    if (!inner.is_object() || pattern.empty()) continue;
    const std::regex form(pattern, std::regex::ECMAScript);
    for (const auto& [key, unused] : inner.items())
      if (!std::regex_search(key, form))
        problems.push_back({document::append(pointer, name),
                            base::cat(json(key).dump(), " does not have the right form"),
                            advice(property)});
  }
}

void add_choice(std::vector<Problem>& problems, const json& schema, const json& value,
                const std::string& pointer) {
  if (!schema.contains("enum")) return;
  std::vector<std::string> choices;
  for (const auto& choice : schema["enum"]) {
    if (choice == value) return;
    choices.push_back(choice.is_string() ? choice.get<std::string>() : choice.dump());
  }
  const auto hint = value.is_string() ? did_you_mean(value.get<std::string>(), choices) : "";
  problems.push_back(
      {pointer, base::cat("must be one of ", base::join(choices, ", "), ", is ", value.dump()),
       hint});
}

/// What is wrong at this place in our own words; "" where valijson's words are used.
std::vector<Problem> explain(const json& schema, const json& value, const std::string& pointer) {
  std::vector<Problem> problems;
  if (!schema.is_object()) return problems;
  if (schema.contains("type") && schema["type"].is_string() && !has_type(value, schema["type"])) {
    const std::string type = schema["type"];
    const bool vowel = type == "integer" || type == "array" || type == "object";
    problems.push_back(
        {pointer, base::cat("must be ", vowel ? "an " : "a ", type, ", is ", value.dump()),
         type == "string" && value.is_primitive() ? base::cat("quote it: \"", value.dump(), "\"")
                                                  : ""});
    return problems;
  }
  add_unknown_keys(problems, schema, value, pointer);
  add_missing_keys(problems, schema, value, pointer);
  add_choice(problems, schema, value, pointer);
  add_range(problems, schema, value, pointer);
  add_multiple(problems, schema, value, pointer);
  add_wrong_names(problems, schema, value, pointer);
  if (value.is_string() &&
      value.get_ref<const std::string&>().size() > schema.value("maxLength", std::string::npos))
    problems.push_back(
        {pointer, base::cat("is longer than ", schema["maxLength"].dump(), " characters"), ""});
  if (problems.empty() && schema.contains("pattern") && value.is_string())
    problems.push_back(
        {pointer, base::cat(value.dump(), " does not have the right form"), advice(schema)});
  return problems;
}

bool is_inside(const std::string& inner, const std::string& outer) {
  return inner.size() > outer.size() && inner.compare(0, outer.size(), outer) == 0 &&
         inner[outer.size()] == '/';
}

/// valijson reports each failure at its place and again at every place around it.
std::map<std::string, std::string> innermost(valijson::ValidationResults& results) {
  std::map<std::string, std::string> found;
  valijson::ValidationResults::Error error;
  while (results.popError(error)) found.emplace(to_pointer(error.context), error.description);
  return found;
}

}  // namespace

base::Diagnostics validate(const json& schema, const json& value, const WhereFunction& where) {
  valijson::Schema compiled;
  valijson::ValidationResults results;
  try {
    valijson::SchemaParser(valijson::SchemaParser::kDraft7)
        .populateSchema(valijson::adapters::NlohmannJsonAdapter(schema), compiled);
    valijson::Validator validator;
    if (validator.validate(compiled, valijson::adapters::NlohmannJsonAdapter(value), &results))
      return {};
  } catch (const std::exception& error) {
    throw base::Error({{"", base::cat("the schema is wrong: ", error.what()), ""}});
  }
  const auto found = innermost(results);
  std::vector<Problem> problems;
  for (const auto& [pointer, description] : found) {
    const json::json_pointer at(pointer);
    const auto there = value.contains(at) || pointer.empty() ? value.at(at) : json();
    auto mine = explain(subschema(schema, pointer), there, pointer);
    const auto& outer = pointer;
    const bool explained_inside = std::any_of(found.begin(), found.end(), [&](const auto& other) {
      return is_inside(other.first, outer);
    });
    if (mine.empty() && !explained_inside) mine.push_back({pointer, description, ""});
    problems.insert(problems.end(), mine.begin(), mine.end());
  }
  base::Diagnostics diagnostics;
  std::set<std::string> seen;
  for (const auto& problem : problems) {
    auto place = where ? where(problem.pointer) : "";
    const auto path = document::display_path(problem.pointer);
    // "--epochs" and "MODEL" say it all; behind a place in a file stands which value is meant.
    const bool whole = !place.empty() && (place.starts_with("--") || place == base::upper(place));
    // So does the value of a flag that may be given again.
    const auto inner = problem.pointer.find('/', 1);
    const bool inside =
        inner != std::string::npos &&
        problem.pointer.find_first_not_of("0123456789", inner + 1) != std::string::npos;
    if (!path.empty() && (!whole || inside)) place += base::cat(place.empty() ? "" : ": ", path);
    if (seen.insert(base::cat(place, "\n", problem.message)).second)
      diagnostics.push_back({place, problem.message, problem.hint});
  }
  return diagnostics;
}

}  // namespace lotse::schema
