#include "workload/fill.h"

#include <algorithm>
#include <regex>

#include "base/strings.h"
#include "contract/exit_code.h"

namespace lotse::workload {

bool is_true(const json& object, const char* type) {
  const json* found = condition(object, type);
  return found != nullptr && text_at(*found, {"status"}) == "True";
}

std::string reason_of(const json& object, const char* type) {
  const json* found = condition(object, type);
  if (found == nullptr) return "";
  const auto reason = text_at(*found, {"reason"});
  const auto message = text_at(*found, {"message"});
  return message.empty() ? reason : reason + ": " + message;
}

/// A code that names a cause of its own counts more than "a peer was lost" (76) and "stopped
/// by request" (75).
std::optional<int> deciding_code(const std::vector<const PodState*>& pods) {
  const auto weight = [](int code) {
    if (code == contract::exit_peer_lost) return 1;
    if (code == contract::exit_stopped) return 2;
    if (code == 143 || code == 137) return 3;  // ended by us or by the kernel, often a consequence
    return 4;
  };
  std::optional<int> best;
  for (const PodState* pod : pods) {
    if (!pod->exit_code || *pod->exit_code == 0) continue;
    if (!best || weight(*pod->exit_code) > weight(*best)) best = pod->exit_code;
  }
  return best;
}

void tell(Cause cause, State& state) {
  state.reason = cause.evidence;
  if (cause.objects.empty() && !state.object.empty()) cause.objects = {state.object};
  state.causes.push_back(std::move(cause));
}

std::optional<int> code_in(const std::string& message) {
  static const std::regex words("failed with exit code ([0-9]{1,3})");
  std::smatch found;
  if (!std::regex_search(message, found, words)) return {};
  return std::stoi(found[1]);
}

void fill_reason(const std::vector<const PodState*>& pods, State& state) {
  std::vector<const PodState*> troubled;
  for (const PodState* pod : pods)
    if (pod->cause && pod->phase != "Succeeded") troubled.push_back(pod);
  if (troubled.empty()) return;
  const PodState* first = *std::min_element(
      troubled.begin(), troubled.end(),
      [](const PodState* a, const PodState* b) { return a->cause.code < b->cause.code; });
  bool same = true;
  for (const PodState* pod : troubled) {
    same = same && pod->cause.evidence == first->cause.evidence;
    state.causes.push_back(pod->cause);
  }
  state.reason = first->cause.evidence;
  if (pods.size() == 1 || (same && troubled.size() == pods.size())) return;
  const std::string who = first->rank ? base::cat("rank ", *first->rank) : first->name;
  state.reason = who + ": " + first->cause.evidence;
  if (troubled.size() > 1) state.reason += base::cat(" (", troubled.size(), " pods in trouble)");
}

std::string job_name_of(const json& anchor) {
  return text_at(anchor, {"metadata", "name"}) + "-" +
         text_at(anchor, {"metadata", "annotations", annotation_revision});
}

}  // namespace lotse::workload
