#include "object/reference.h"

#include "base/strings.h"
#include "object/member.h"

namespace lotse::object {

std::string kind_of(const json& object) {
  return text_at(object, {"kind"});
}
std::string name_of(const json& object) {
  return text_at(object, {"metadata", "name"});
}
std::string uid_of(const json& object) {
  return text_at(object, {"metadata", "uid"});
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

json controller_reference(const json& owner) {
  auto reference = owner_reference(owner);
  reference["controller"] = true;
  return reference;
}

const json* condition(const json& object, const std::string& type) {
  for (const auto& one : list_at(object, {"status", "conditions"}))
    if (text_at(one, {"type"}) == type) return &one;
  return nullptr;
}

}  // namespace lotse::object
