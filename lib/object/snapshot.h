#pragma once
#include <cstddef>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>
#include <unordered_map>
#include <vector>

namespace lotse::object {

using nlohmann::json;

/// Objects of one namespace as they stood at one moment, found by kind, by kind and name, by owner,
/// and, if they are Events, by what they are about; each without looking at the others. Pointers
/// into it are valid until it is changed or goes.
class Snapshot {
 public:
  Snapshot() = default;
  Snapshot(std::vector<json> objects);
  Snapshot(std::initializer_list<json> objects);

  void add(json object);
  std::vector<json> take() &&;  ///< all of them, in their order

  bool empty() const { return objects_.empty(); }
  size_t size() const { return objects_.size(); }
  auto begin() const { return objects_.begin(); }
  auto end() const { return objects_.end(); }

  using Found = std::vector<const json*>;  ///< in the order in which they were added

  Found of_kind(const std::string& kind) const;
  /// Null if it is not there; the first one if there are several.
  const json* find(const std::string& kind, const std::string& name) const;
  /// Objects of that kind whose ownerReferences name `owner`: by its uid, else by kind and name.
  Found owned_by(const json& owner, const std::string& kind) const;
  /// Events about `object`, oldest first; of events.k8s.io/v1 (as clusters give them) or v1. An
  /// Event of an earlier object of that name, which has another uid, is not about it.
  Found events_about(const json& object) const;

 private:
  using Index = std::unordered_map<std::string, std::vector<size_t>>;

  void enter(size_t position);
  Found found(const Index& index, const std::string& key) const;

  std::vector<json> objects_;
  Index kinds_, names_, owners_, subjects_;
};

/// Whether `object` bears an owner reference to `owner`: by its uid, else by kind and name.
bool is_owned_by(const json& object, const json& owner);

/// What an Event is about: an object reference, or null.
const json& subject_of(const json& event);
std::string event_words(const json& event);  ///< what it says
std::string event_time(const json& event);   ///< when it was last seen, RFC 3339

}  // namespace lotse::object
