#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace lotse::release {

using nlohmann::json;

/// A field that differs. Null: it is not there.
struct FieldChange {
  std::string path;  ///< "spec.template.spec.containers[runner].image"
  json before;
  json after;
};

/// The fields in which two documents differ, in the order of their paths. Items of lists are known
/// by their name, if all of them have one of their own, else by their place. A text that is a JSON
/// document on both sides is compared as one.
std::vector<FieldChange> field_changes(const json& before, const json& after);

enum class Fate { unchanged, changed, made, removed };
std::string_view to_string(Fate fate);

struct ObjectChange {
  std::string object;  ///< "deployment/NAME", as it is called afterwards
  Fate fate = Fate::unchanged;
  std::vector<FieldChange> fields;  ///< where it is changed
};

/// The objects of one side, and the digits that the names of its revision have in them.
struct Side {
  std::vector<json> objects;
  std::string content;
};

/// How one set of objects differs from another. Objects whose names differ only by the digits of
/// their revision are the same one, and those digits are no difference. What a server adds by
/// itself is not looked at: status, uid, times, versions, managed fields, owners, a Job's selector.
/// The data of Secrets is not shown, only that it differs.
std::vector<ObjectChange> changes(const Side& before, const Side& after);

}  // namespace lotse::release
