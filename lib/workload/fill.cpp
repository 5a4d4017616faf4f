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

std::optional<int> code_in(const std::string& message) {
  static const std::regex words("failed with exit code ([0-9]{1,3})");
  std::smatch found;
  if (!std::regex_search(message, found, words)) return {};
  return std::stoi(found[1]);
}

void fill_reason(const std::vector<const PodState*>& pods, State& state) {
  const PodState* first = nullptr;
  size_t count = 0;
  bool same = true;
  for (const PodState* pod : pods) {
    if (pod->reason.empty() || pod->phase == "Succeeded") continue;
    if (count++ == 0) first = pod;
    same = same && pod->reason == first->reason;
    state.impossible = state.impossible || pod->impossible;
  }
  if (count == 0) return;
  state.reason = first->reason;
  if (pods.size() == 1 || (same && count == pods.size())) return;
  const std::string who = first->rank ? base::cat("rank ", *first->rank) : first->name;
  state.reason = who + ": " + first->reason;
  if (count > 1) state.reason += base::cat(" (", count, " pods in trouble)");
}

std::string job_name_of(const json& anchor) {
  return text_at(anchor, {"metadata", "name"}) + "-" +
         text_at(anchor, {"metadata", "annotations", annotation_revision});
}

}  // namespace lotse::workload
