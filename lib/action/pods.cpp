#include "action/pods.h"

#include <algorithm>
#include <limits>
#include <tuple>
#include <vector>

#include "base/error.h"
#include "base/strings.h"
#include "object/member.h"
#include "workload/pod.h"

namespace lotse::action {

namespace {

using base::Error;
using base::ErrorKind;

struct Candidate {
  const json* pod;
  workload::PodState state;

  bool runs() const {
    return state.phase == "Running" &&
           object::text_at(*pod, {"metadata", "deletionTimestamp"}).empty();
  }
  /// The pod with the smaller order is chosen.
  auto order() const {
    return std::tuple(!runs(), !state.ready,
                      state.rank.value_or(std::numeric_limits<int64_t>::max()), state.name);
  }
};

std::vector<Candidate> pods_of(const Snapshot& objects) {
  std::vector<Candidate> pods;
  for (const json* pod : objects.of_kind("Pod"))
    pods.push_back({pod, workload::pod_state(*pod, {})});
  std::sort(pods.begin(), pods.end(),
            [](const auto& a, const auto& b) { return a.order() < b.order(); });
  return pods;
}

[[noreturn]] void none_fits(const std::string& workload, const PodChoice& choice,
                            const std::vector<Candidate>& pods) {
  std::vector<std::string> names;
  for (const auto& each : pods) names.push_back(each.state.name);
  if (pods.empty())
    throw Error(ErrorKind::not_found, "'" + workload + "' has no pods",
                "`lotse status " + workload + "` says why");
  const auto what = choice.pod.empty() ? base::cat("pod of rank ", choice.rank.value_or(0))
                                       : "pod '" + choice.pod + "'";
  throw Error(ErrorKind::not_found, "'" + workload + "' has no " + what,
              "it has " + base::join(names, ", "));
}

}  // namespace

json choose_pod(const Snapshot& objects, const std::string& workload, const PodChoice& choice) {
  const auto pods = pods_of(objects);
  for (const auto& each : pods) {
    if (!choice.pod.empty() && each.state.name != choice.pod) continue;
    if (choice.rank && each.state.rank != choice.rank) continue;
    if (each.runs()) return *each.pod;
    throw Error(ErrorKind::failed,
                "pod/" + each.state.name + " does not run: it is " + each.state.phase +
                    (each.state.cause.evidence.empty() ? "" : ", " + each.state.cause.evidence),
                "`lotse status " + workload + "` shows all pods");
  }
  none_fits(workload, choice, pods);
}

}  // namespace lotse::action
