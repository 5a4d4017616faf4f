#include "object/reference.h"

#include "base/strings.h"

namespace lotse::object {

namespace {

std::string text_at(const json& object, const char* pointer) {
  const json::json_pointer at(pointer);
  if (!object.is_object() || !object.contains(at) || !object.at(at).is_string()) return "";
  return object.at(at).get<std::string>();
}

}  // namespace

std::string kind_of(const json& object) {
  return text_at(object, "/kind");
}
std::string name_of(const json& object) {
  return text_at(object, "/metadata/name");
}
std::string uid_of(const json& object) {
  return text_at(object, "/metadata/uid");
}

std::string describe(const json& object) {
  return base::lower(kind_of(object)) + "/" + name_of(object);
}

json owner_reference(const json& owner) {
  return {{"apiVersion", owner.at("apiVersion")},
          {"kind", owner.at("kind")},
          {"name", name_of(owner)},
          {"uid", uid_of(owner)}};
}

json condition(const json& object, const std::string& type) {
  const json::json_pointer at("/status/conditions");
  if (!object.is_object() || !object.contains(at)) return nullptr;
  for (const auto& entry : object.at(at))
    if (entry.value("type", "") == type) return entry;
  return nullptr;
}

}  // namespace lotse::object
