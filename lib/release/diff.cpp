#include "release/diff.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/strings.h"
#include "object/member.h"
#include "object/reference.h"

namespace lotse::release {

namespace {

using object::at;
using object::text_at;

constexpr std::string_view any_revision = "REVISION";
constexpr std::string_view document_mark = ": ";  ///< behind a text that holds a document

void compare(const std::string& path, const json& before, const json& after,
             std::vector<FieldChange>& changes);

std::string member_path(const std::string& path, const std::string& key) {
  const bool plain = key.find_first_of("./[]") == std::string::npos;
  const bool first = path.empty() || path.ends_with(document_mark);
  return path + (plain ? (first ? "" : ".") + key : "[" + key + "]");
}

/// The items by their names; nothing unless every one has a name of its own.
std::map<std::string, json> by_name(const json& list) {
  std::map<std::string, json> items;
  for (const auto& item : list) {
    const auto name = text_at(item, {"name"});
    if (name.empty() || !items.emplace(name, item).second) return {};
  }
  return items;
}

void compare_objects(const std::string& path, const json& before, const json& after,
                     std::vector<FieldChange>& changes) {
  std::set<std::string> keys;
  for (const auto* side : {&before, &after})
    for (const auto& [key, value] : side->items()) keys.insert(key);
  for (const auto& key : keys)
    compare(member_path(path, key), at(before, {key.c_str()}), at(after, {key.c_str()}), changes);
}

void compare_lists(const std::string& path, const json& before, const json& after,
                   std::vector<FieldChange>& changes) {
  const auto had = by_name(before);
  const auto has = by_name(after);
  const auto item = [](const auto& items, const auto& key) {
    const auto found = items.find(key);
    return found == items.end() ? json() : found->second;
  };
  if (had.empty() != before.empty() || has.empty() != after.empty()) {
    for (size_t i = 0; i < std::max(before.size(), after.size()); ++i)
      compare(base::cat(path, "[", i, "]"), i < before.size() ? before[i] : json(),
              i < after.size() ? after[i] : json(), changes);
    return;
  }
  std::set<std::string> names;
  for (const auto* side : {&had, &has})
    for (const auto& [name, value] : *side) names.insert(name);
  for (const auto& name : names)
    compare(path + "[" + name + "]", item(had, name), item(has, name), changes);
}

/// A text that holds a JSON object or list; else null.
json document_in(const json& text) {
  if (!text.is_string()) return {};
  const auto& content = text.get_ref<const std::string&>();
  if (content.empty() || (content[0] != '{' && content[0] != '[')) return {};
  const json document = json::parse(content, nullptr, false);
  return document.is_discarded() ? json() : document;
}

void compare(const std::string& path, const json& before, const json& after,
             std::vector<FieldChange>& changes) {
  if (before == after) return;
  if (before.is_object() && after.is_object()) return compare_objects(path, before, after, changes);
  if (before.is_array() && after.is_array()) return compare_lists(path, before, after, changes);
  const auto had = document_in(before);
  const auto has = document_in(after);
  if (!had.is_null() && !has.is_null() && had != has)
    return compare(path + std::string(document_mark), had, has, changes);
  changes.push_back({path, before, after});
}

/// Those by which the Job controller knows its pods.
void drop_controller_labels(json& metadata) {
  const auto labels = metadata.find("labels");
  if (labels == metadata.end()) return;
  const json known = *labels;
  for (const auto& [label, value] : known.items())
    if (label == "controller-uid" || label == "job-name" ||
        label.starts_with("batch.kubernetes.io/"))
      labels->erase(label);
}

/// An object without what a server adds by itself.
json asked_for(json object) {
  object.erase("status");
  auto& metadata = object["metadata"];
  for (const char* key : {"uid", "resourceVersion", "generation", "creationTimestamp",
                          "managedFields", "ownerReferences", "selfLink"})
    metadata.erase(key);
  if (auto annotations = metadata.find("annotations"); annotations != metadata.end())
    annotations->erase("deployment.kubernetes.io/revision");
  if (object::kind_of(object) != "Job" || !object.contains("spec")) return object;
  object["spec"].erase("selector");
  drop_controller_labels(metadata);
  const json::json_pointer template_metadata("/spec/template/metadata");
  if (object.contains(template_metadata)) drop_controller_labels(object[template_metadata]);
  return object;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (size_t found = 0; (found = text.find(from, found)) != std::string::npos; found += to.size())
    text.replace(found, from.size(), to);
  return text;
}

/// With a word in place of the digits of its revision, in names and in what refers to them.
json without_digits(const json& object, const std::string& digits) {
  if (digits.empty()) return object;
  return json::parse(
      replaced(object.dump(-1, ' ', false, json::error_handler_t::replace), digits, any_revision));
}

struct Entry {
  json object;       ///< comparable
  std::string name;  ///< as it is really called
};

/// By kind and name.
std::map<std::pair<std::string, std::string>, Entry> entries_of(const Side& side) {
  std::map<std::pair<std::string, std::string>, Entry> entries;
  for (const auto& object : side.objects) {
    const auto plain = without_digits(asked_for(object), side.content);
    entries[{object::kind_of(object), object::name_of(plain)}] = {plain, object::describe(object)};
  }
  return entries;
}

void hide_data(std::vector<FieldChange>& fields) {
  for (auto& field : fields) {
    if (!field.path.starts_with("data") && !field.path.starts_with("stringData")) continue;
    if (!field.before.is_null()) field.before = "(hidden)";
    if (!field.after.is_null()) field.after = field.before.is_null() ? "(hidden)" : "(changed)";
  }
}

}  // namespace

std::vector<FieldChange> field_changes(const json& before, const json& after) {
  std::vector<FieldChange> changes;
  compare("", before, after, changes);
  return changes;
}

std::string_view to_string(Fate fate) {
  switch (fate) {
    case Fate::unchanged:
      return "unchanged";
    case Fate::changed:
      return "changed";
    case Fate::made:
      return "made";
    case Fate::removed:
      return "removed";
  }
  return "";
}

std::vector<ObjectChange> changes(const Side& before, const Side& after) {
  const auto had = entries_of(before);
  const auto has = entries_of(after);
  std::vector<ObjectChange> all;
  for (const auto& [key, entry] : has) {
    const auto known = had.find(key);
    if (known == had.end()) {
      all.push_back({entry.name, Fate::made, {}});
      continue;
    }
    auto fields = field_changes(known->second.object, entry.object);
    if (key.first == "Secret") hide_data(fields);
    const auto fate = fields.empty() ? Fate::unchanged : Fate::changed;
    all.push_back({entry.name, fate, std::move(fields)});
  }
  for (const auto& [key, entry] : had)
    if (!has.contains(key)) all.push_back({entry.name, Fate::removed, {}});
  return all;
}

}  // namespace lotse::release
