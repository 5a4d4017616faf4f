#include "local/state.h"

#include <algorithm>

#include "base/error.h"
#include "object/member.h"
#include "object/reference.h"

namespace lotse::local {

namespace {

using base::Error;
using base::ErrorKind;

[[noreturn]] void damaged(const fs::path& file) {
  throw Error(ErrorKind::failed, file.string() + " is damaged",
              "`lotse delete` removes the workload; claims keep their data");
}

bool are_objects(const json& list) {
  return list.is_array() && std::all_of(list.begin(), list.end(), is_object);
}

}  // namespace

bool is_object(const json& value) {
  return object::at(value, {"kind"}).is_string() &&
         object::at(value, {"metadata", "name"}).is_string();
}

json wanted_of(const WorkloadFiles& files, const std::string& workload) {
  const auto wanted = read_json(files.wanted());
  if (!wanted) throw Error(ErrorKind::not_found, "there is no local workload " + workload);
  if (!are_objects(object::at(*wanted, {"manifests"}))) damaged(files.wanted());
  return *wanted;
}

std::vector<json> manifests_of(const json& wanted) {
  return object::list_at(wanted, {"manifests"});
}

std::vector<json> objects_of(const WorkloadFiles& files) {
  const auto objects = read_json(files.objects()).value_or(json::array());
  if (!are_objects(objects)) damaged(files.objects());
  return objects.get<std::vector<json>>();
}

json record_of(const WorkloadFiles& files) {
  try {
    const auto record = read_json(files.supervisor()).value_or(json::object());
    return record.is_object() ? record : json::object();
  } catch (const Error&) {
    return json::object();
  }
}

std::vector<std::string> names_of_kind(const std::vector<json>& objects, const std::string& kind) {
  std::vector<std::string> names;
  for (const auto& object : objects)
    if (object::kind_of(object) == kind) names.push_back(object::name_of(object));
  return names;
}

}  // namespace lotse::local
