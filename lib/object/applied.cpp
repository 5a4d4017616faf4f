#include "object/applied.h"

#include "object/member.h"

namespace lotse::object {

namespace {

bool has_members(const json& item, const json& members) {
  if (!item.is_object() || !members.is_object()) return false;
  for (const auto& [key, value] : members.items())
    if (!item.contains(key) || item[key] != value) return false;
  return true;
}

/// Whether a key such as `k:{"name":"runner"}`, `v:"x"` or `i:0` means that item of a list.
bool means(const std::string& key, const json& item, size_t place) {
  if (key.size() < 2) return false;
  const json wanted = json::parse(key.substr(2), nullptr, false);
  if (key[0] == 'k') return has_members(item, wanted);
  return key[0] == 'v' ? item == wanted : key[0] == 'i' && json(place) == wanted;
}

json owned_part(const json& live, const json& fields);

json owned_items(const json& live, const json& fields) {
  json part = json::array();
  for (size_t i = 0; i < live.size(); ++i)
    for (const auto& [key, below] : fields.items())
      if (means(key, live[i], i)) part.push_back(owned_part(live[i], below));
  return part;
}

json owned_members(const json& live, const json& fields) {
  json part = json::object();
  for (const auto& [key, below] : fields.items())
    if (key.starts_with("f:") && live.contains(key.substr(2)))
      part[key.substr(2)] = owned_part(live[key.substr(2)], below);
  return part;
}

/// The part of `live` that `fields` names; all of it where they name nothing inside.
json owned_part(const json& live, const json& fields) {
  const bool names_nothing = fields.empty() || (fields.size() == 1 && fields.contains("."));
  if (names_nothing || !live.is_structured()) return live;
  return live.is_array() ? owned_items(live, fields) : owned_members(live, fields);
}

json without_what_a_server_adds(json object) {
  object.erase("status");
  for (const char* key : {"uid", "resourceVersion", "generation", "creationTimestamp"})
    object["metadata"].erase(key);
  return object;
}

}  // namespace

json applied_by(const json& live, const std::string& manager) {
  json applied;
  const auto& entries = list_at(live, {"metadata", "managedFields"});
  if (entries.empty()) return without_what_a_server_adds(live);
  for (const auto& entry : entries)
    if (text_at(entry, {"manager"}) == manager && text_at(entry, {"operation"}) == "Apply" &&
        text_at(entry, {"subresource"}).empty())
      applied = owned_part(live, at(entry, {"fieldsV1"}));
  applied["apiVersion"] = at(live, {"apiVersion"});
  applied["kind"] = at(live, {"kind"});
  applied["metadata"]["name"] = at(live, {"metadata", "name"});
  return applied;
}

}  // namespace lotse::object
