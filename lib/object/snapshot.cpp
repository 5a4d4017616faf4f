#include "object/snapshot.h"

#include <algorithm>
#include <iterator>

#include "object/member.h"
#include "object/reference.h"

namespace lotse::object {

namespace {

std::string key_of(const std::string& kind, const std::string& name) {
  return kind + "/" + name;
}

std::string key_of(const json& reference) {
  return key_of(text_at(reference, {"kind"}), text_at(reference, {"name"}));
}

bool names(const json& reference, const json& owner) {
  const auto uid = uid_of(owner);
  return uid.empty() ? key_of(reference) == key_of(kind_of(owner), name_of(owner))
                     : text_at(reference, {"uid"}) == uid;
}

}  // namespace

Snapshot::Snapshot(std::vector<json> objects) : objects_(std::move(objects)) {
  for (size_t i = 0; i < objects_.size(); ++i) enter(i);
}

Snapshot::Snapshot(std::initializer_list<json> objects) : Snapshot(std::vector<json>(objects)) {}

void Snapshot::add(json object) {
  objects_.push_back(std::move(object));
  enter(objects_.size() - 1);
}

std::vector<json> Snapshot::take() && {
  return std::move(objects_);
}

void Snapshot::enter(size_t position) {
  const json& object = objects_[position];
  const auto kind = kind_of(object);
  kinds_[kind].push_back(position);
  names_[key_of(kind, name_of(object))].push_back(position);
  if (kind == "Event") subjects_[key_of(subject_of(object))].push_back(position);
  for (const auto& reference : list_at(object, {"metadata", "ownerReferences"})) {
    // By both, since an owner may be asked for that has no uid yet.
    owners_[text_at(reference, {"uid"})].push_back(position);
    owners_[key_of(reference)].push_back(position);
  }
}

Snapshot::Found Snapshot::found(const Index& index, const std::string& key) const {
  Found all;
  const auto entry = index.find(key);
  if (entry == index.end()) return all;
  for (const auto position : entry->second) all.push_back(&objects_[position]);
  return all;
}

Snapshot::Found Snapshot::of_kind(const std::string& kind) const {
  return found(kinds_, kind);
}

const json* Snapshot::find(const std::string& kind, const std::string& name) const {
  const auto entry = names_.find(key_of(kind, name));
  return entry == names_.end() ? nullptr : &objects_[entry->second.front()];
}

Snapshot::Found Snapshot::owned_by(const json& owner, const std::string& kind) const {
  const auto uid = uid_of(owner);
  auto owned = found(owners_, uid.empty() ? key_of(kind_of(owner), name_of(owner)) : uid);
  std::erase_if(owned, [&](const json* object) { return kind_of(*object) != kind; });
  return owned;
}

Snapshot::Found Snapshot::events_about(const json& object) const {
  const auto uid = uid_of(object);
  auto events = found(subjects_, key_of(kind_of(object), name_of(object)));
  std::erase_if(events, [&](const json* event) {
    const auto of = text_at(subject_of(*event), {"uid"});
    return !uid.empty() && !of.empty() && uid != of;
  });
  std::stable_sort(events.begin(), events.end(),
                   [](const json* a, const json* b) { return event_time(*a) < event_time(*b); });
  return events;
}

bool is_owned_by(const json& object, const json& owner) {
  const auto& references = list_at(object, {"metadata", "ownerReferences"});
  return std::any_of(references.begin(), references.end(),
                     [&](const json& reference) { return names(reference, owner); });
}

const json& subject_of(const json& event) {
  return at(event, {event.contains("regarding") ? "regarding" : "involvedObject"});
}

std::string event_words(const json& event) {
  return text_at(event, {event.contains("note") ? "note" : "message"});
}

std::string event_time(const json& event) {
  if (auto text = text_at(event, {"series", "lastObservedTime"}); !text.empty()) return text;
  for (const char* key : {"lastTimestamp", "deprecatedLastTimestamp", "eventTime"})
    if (auto text = text_at(event, {key}); !text.empty()) return text;
  return text_at(event, {"metadata", "creationTimestamp"});
}

}  // namespace lotse::object
