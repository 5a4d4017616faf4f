#include "object/member.h"

namespace lotse::object {

const json& at(const json& object, Path path) {
  static const json nothing;
  const json* current = &object;
  for (const char* key : path) {
    if (!current->is_object()) return nothing;
    const auto found = current->find(key);
    if (found == current->end()) return nothing;
    current = &*found;
  }
  return *current;
}

std::string text_at(const json& object, Path path, const char* fallback) {
  const json& value = at(object, path);
  return value.is_string() ? value.get<std::string>() : fallback;
}

bool flag_at(const json& object, Path path) {
  const json& value = at(object, path);
  return value.is_boolean() && value.get<bool>();
}

int64_t number_at(const json& object, Path path, int64_t fallback) {
  const json& value = at(object, path);
  return value.is_number() ? value.get<int64_t>() : fallback;
}

const json::array_t& list_at(const json& object, Path path) {
  static const json::array_t none;
  const auto* list = at(object, path).get_ptr<const json::array_t*>();
  return list == nullptr ? none : *list;
}

}  // namespace lotse::object
