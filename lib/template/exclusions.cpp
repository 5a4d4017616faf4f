#include "template/exclusions.h"

#include <algorithm>

#include "base/error.h"
#include "base/strings.h"
#include "template/jsone.h"
#include "template/value.h"

namespace lotse::tmpl {

using nlohmann::json;

namespace {

constexpr auto table_key = "x-lotse-excludes";

bool counts(const json& row, const json& properties, const std::string& mode) {
  const auto modes = row.value("modes", json::array({mode}));
  return std::find(modes.begin(), modes.end(), mode) != modes.end() &&
         std::all_of(row["values"].begin(), row["values"].end(), [&](const json& key) {
           return properties.contains(key.get_ref<const std::string&>());
         });
}

bool holds(const json& row, const json& values) {
  try {
    const json asked = jsone::render({{"holds", row["when"]}}, {{"values", values}});
    return asked.contains("holds") && jsone::truthy(asked["holds"]);
  } catch (const jsone::Error& error) {
    throw base::Error(
        {{table_key, base::cat("the row of ", row["values"].dump(), ": ", error.message), ""}});
  }
}

}  // namespace

json with_exclusions(json schema, const std::string& mode) {
  const auto properties = schema.value("properties", json::object());
  json rows = json::array();
  for (const auto& row : schema.value(table_key, json::array()))
    if (counts(row, properties, mode)) rows.push_back(row);
  schema.erase(table_key);
  if (!rows.empty()) schema[table_key] = std::move(rows);
  return schema;
}

base::Diagnostics excluded(const json& schema, const json& values,
                           const schema::WhereFunction& where) {
  base::Diagnostics problems;
  const auto rows = schema.value(table_key, json::array());
  for (const auto& row : rows) {
    if (!holds(row, values)) continue;
    const std::string key = row["values"][0];
    auto place = where("/" + key);
    if (!place.starts_with("--")) place += (place.empty() ? "" : ": ") + key;
    problems.push_back({place, row["says"], ""});
  }
  return problems;
}

}  // namespace lotse::tmpl
