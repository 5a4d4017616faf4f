#include "action/claims.h"

#include <set>

#include "base/error.h"
#include "base/strings.h"
#include "object/member.h"
#include "object/reference.h"
#include "workload/pod.h"

namespace lotse::action {

namespace {

using nlohmann::json;

std::set<std::string> claims_needed(const std::vector<json>& objects) {
  std::set<std::string> names;
  for (const auto& object : objects)
    for (auto& name : workload::claims_of(object::at(object, {"spec", "template", "spec"})))
      names.insert(std::move(name));
  for (const auto& object : objects)
    if (object::kind_of(object) == "PersistentVolumeClaim") names.erase(object::name_of(object));
  return names;
}

}  // namespace

void check_claims(kube::Client& client, const std::vector<json>& objects) {
  const auto& kind = *object::find_kind("v1", "PersistentVolumeClaim");
  std::vector<std::string> problems;
  std::string first;
  for (const auto& name : claims_needed(objects)) {
    const auto claim = client.find(kind, name);
    const bool leaving = claim && object::at(*claim, {"metadata", "deletionTimestamp"}).is_string();
    if (claim && !leaving) continue;
    if (first.empty()) first = name;
    problems.push_back("claim '" + name + "' is " + (leaving ? "being deleted" : "not there"));
  }
  if (problems.empty()) return;
  throw base::Error(base::ErrorKind::not_found,
                    base::join(problems, ", ") + " (namespace " + client.name_space() + ")",
                    "`lotse push FOLDER volume:" + first + " --size 1Gi` makes one and fills it");
}

}  // namespace lotse::action
