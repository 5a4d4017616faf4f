#include "action/status.h"

#include <algorithm>

#include "base/error.h"
#include "base/strings.h"
#include "contract/event.h"

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

std::optional<workload::Progress> progress(Target& target, const workload::State& state) {
  constexpr int64_t lines_looked_at = 100;
  constexpr std::chrono::milliseconds patience{500};
  if (state.long_running || state.ended()) return {};
  const auto first = std::find_if(state.pods.begin(), state.pods.end(), [](const auto& pod) {
    return pod.phase == "Running" && pod.rank.value_or(0) == 0;
  });
  if (first == state.pods.end()) return {};
  auto lines =
      target.last_lines(state.name, first->name, first->container, lines_looked_at, patience);
  for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
    const auto event = contract::decode(line->text);
    if (!event) continue;
    if (event->type == "result" || event->type == "error") return {};
    if (auto found = workload::read_progress(*event, line->time)) return found;
  }
  return {};
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
