#include "action/status.h"

#include <algorithm>

#include "base/error.h"
#include "base/strings.h"

namespace lotse::action {

namespace {

/// Looked for only once something is not found; a failure to list must not hide that.
std::string hint_for(Target& target, const std::string& name) {
  try {
    std::vector<std::string> names;
    target.each_workload(
        [&](const std::string& known, const Snapshot&) { names.push_back(known); });
    const auto near = base::closest(name, names);
    if (near == name)
      return "objects of it are there, but not its ConfigMap: `lotse delete " + name +
             "` removes the rest";
    if (!near.empty()) return "did you mean " + near + "?";
    if (names.empty()) return "there are no workloads here";
  } catch (const base::Error& error) {
    return error.kind() == base::ErrorKind::not_found ? error.what() : "";
  }
  return "`lotse list` shows what there is";
}

}  // namespace

Snapshot snapshot_of(Target& target, const std::string& name) {
  Snapshot objects;
  try {
    objects = target.snapshot(name);
  } catch (const base::Error& error) {
    if (error.kind() != base::ErrorKind::not_found) throw;
  }
  if (objects.empty())
    throw base::Error(base::ErrorKind::not_found,
                      "there is no workload '" + name + "' (" + target.describe() + ")",
                      hint_for(target, name));
  return objects;
}

workload::State status(Target& target, const std::string& name) {
  return workload::state_of(name, snapshot_of(target, name));
}

std::vector<workload::State> list(Target& target) {
  std::vector<workload::State> states;
  target.each_workload([&](const std::string& name, const Snapshot& objects) {
    states.push_back(workload::state_of(name, objects));
  });
  std::sort(states.begin(), states.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  return states;
}

}  // namespace lotse::action
