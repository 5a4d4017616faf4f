#include "template/secret_values.h"

#include <string>

#include "base/error.h"
#include "base/strings.h"

namespace lotse::tmpl {

namespace {

using nlohmann::json;

std::vector<std::string> secret_keys(const Template& from) {
  std::vector<std::string> keys;
  const auto properties = from.schema.value("properties", json::object());
  for (const auto& [key, property] : properties.items())
    if (property.value("/x-lotse/secret"_json_pointer, false)) keys.push_back(key);
  return keys;
}

bool holds(const json& value, const std::string& secret) {
  constexpr size_t telling = 8;
  if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    return text == secret || (secret.size() >= telling && text.find(secret) != std::string::npos);
  }
  if (value.is_structured())
    for (const auto& each : value)
      if (holds(each, secret)) return true;
  return false;
}

json without_secret_data(json object) {
  if (object.value("kind", "") == "Secret")
    for (const char* key : {"data", "stringData"}) object.erase(key);
  return object;
}

std::string title_of(const json& object) {
  return object.value("kind", "") + "/" + object.value("/metadata/name"_json_pointer, "");
}

}  // namespace

json without_secrets(const Template& from, json values) {
  for (const auto& key : secret_keys(from))
    if (values.contains(key) && values[key] != "") values[key] = "(secret)";
  return values;
}

void check_secrets(const Template& from, const json& values, const std::vector<json>& objects) {
  base::Diagnostics problems;
  for (const auto& key : secret_keys(from)) {
    const auto found = values.find(key);
    if (found == values.end() || !found->is_string() || *found == "") continue;
    for (const auto& object : objects)
      if (holds(without_secret_data(object), found->get_ref<const std::string&>()))
        problems.push_back({title_of(object), "holds the value " + key + ", which is secret",
                            "put it into a Secret, and name that with secretKeyRef"});
  }
  base::throw_if_any(std::move(problems));
}

}  // namespace lotse::tmpl
