#include "action/status.h"

#include <algorithm>
#include <set>

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

namespace {

/// How far a pod has come, as its last lines say. Of one that has ended its share, all of that.
std::optional<workload::Progress> progress_of(Target& target, const workload::State& state,
                                              const workload::PodState& pod) {
  constexpr int64_t lines_looked_at = 100;
  constexpr std::chrono::milliseconds patience{500};
  auto lines = target.last_lines(state.name, pod.name, pod.container, lines_looked_at, patience);
  for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
    const auto event = contract::decode(line->text);
    if (!event) continue;
    if (event->type == "error") return {};
    if (auto found = workload::read_progress(*event, line->time)) return found;
    if (event->type == "result" && !state.is_shared) return {};
  }
  return {};
}

/// Of several workers that share the work, what all of them say.
workload::Progress sum_of(const std::vector<workload::Progress>& shares) {
  workload::Progress sum = shares.front();
  sum.phase = base::cat(shares.size(), " of ", sum.workers, " workers");
  sum.total = sum.all;
  sum.done = 0;
  double rate = 0, left = 0;
  for (const auto& share : shares) {
    sum.done += share.done;
    if (share.done < share.total) {
      rate += share.per_second.value_or(0);
      left = std::max(left, share.eta_seconds.value_or(0));
    }
    sum.time = std::max(sum.time, share.time);
  }
  sum.per_second = rate;
  sum.eta_seconds = left;
  sum.message =
      base::cat(sum.phase, "  ", sum.done, "/", sum.total, " ", sum.unit, "  ",
                base::fixed(rate, 1), " ", sum.unit, "/s  ", base::fixed(left, 0), " s left");
  return sum;
}

}  // namespace

std::optional<workload::Progress> progress(Target& target, const workload::State& state) {
  constexpr size_t most_asked = 32;
  if (state.long_running || state.ended()) return {};
  std::vector<workload::Progress> shares;
  std::set<int64_t> ranks;
  for (const auto& pod : state.pods) {  // the newest of a rank comes first
    if (!ranks.insert(pod.rank.value_or(0)).second) continue;
    const bool asked = pod.phase == "Running" || (state.is_shared && pod.phase == "Succeeded");
    if (!asked || (!state.is_shared && pod.rank.value_or(0) != 0)) continue;
    if (auto said = progress_of(target, state, pod)) shares.push_back(std::move(*said));
    if (!state.is_shared || shares.size() == most_asked) break;
  }
  if (shares.empty()) return {};
  return shares.front().workers > 1 ? sum_of(shares) : shares.front();
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
