#include "workload/queue.h"

#include "base/strings.h"
#include "workload/fill.h"

namespace lotse::workload {

namespace {

/// More than the queue's quota and all that it may borrow, or of a resource that it has no quota
/// of; where other flavors of it are only used up, waiting helps. Kueue from 0.18 on has a reason
/// for the first, before that only words.
bool is_too_much(const std::string& reason, const std::string& message) {
  if (reason == "ExceedsMaxQuota") return true;
  if (message.find(" unavailable in ClusterQueue") != std::string::npos) return true;
  return message.find("> maximum capacity") != std::string::npos &&
         message.find("insufficient unused quota") == std::string::npos;
}

/// "reason: message" of a condition that has this status; "" if there is none.
std::string words_of(const json& work, const char* type, const char* status) {
  const json* found = condition(work, type);
  return found != nullptr && text_at(*found, {"status"}) == status ? reason_of(work, type) : "";
}

/// What a check of the queue (a provisioned node, another cluster) has not answered yet.
std::string pending_checks(const json& work) {
  std::vector<std::string> checks;
  for (const auto& check : list_at(work, {"status", "admissionChecks"}))
    if (const auto state = text_at(check, {"state"}); state != "Ready")
      checks.push_back(text_at(check, {"name"}) + " " + state +
                       (text_at(check, {"message"}).empty() ? "" : ": ") +
                       text_at(check, {"message"}));
  return base::join(checks, "; ");
}

struct Said {
  Code code = "Queued";
  std::string words;
  bool impossible = false;
};

Said said_by(const json& work) {
  if (is_true(work, "QuotaReserved")) {
    const auto checks = pending_checks(work);
    return {"Queued", "quota is reserved" + (checks.empty() ? "" : ", waits for " + checks)};
  }
  Said said;
  said.words = words_of(work, "QuotaReserved", "False");
  if (const json* reserved = condition(work, "QuotaReserved")) {
    const auto reason = text_at(*reserved, {"reason"});
    if (is_too_much(reason, text_at(*reserved, {"message"})))
      said.code = "QueueTooSmall", said.impossible = true;
    else if (reason == "Inadmissible" || reason == "AdmissionGated")
      said.code = "QueueUnavailable";
  }
  const auto evicted = words_of(work, "Evicted", "True");
  if (!evicted.empty()) said.words += (said.words.empty() ? "" : "; ") + ("evicted: " + evicted);
  return said;
}

}  // namespace

void fill_queued(const json& job, const Snapshot& objects, State& state) {
  const auto queue = text_at(job, {"metadata", "labels", label_queue});
  const auto works = objects.owned_by(job, "Workload");
  std::vector<std::string> about = {state.object};
  if (!works.empty()) about.push_back("workload/" + text_at(*works.back(), {"metadata", "name"}));
  if (!works.empty() && at(*works.back(), {"spec", "active"}) == false) {
    state.phase = Phase::stopped;
    const auto why = words_of(*works.back(), "Evicted", "True");
    tell({"Suspended", about,
          "it is out of the queue '" + queue + "'" + (why.empty() ? "" : ": " + why)},
         state);
    return;
  }
  state.phase = Phase::queued;
  const auto said = works.empty() ? Said() : said_by(*works.back());
  tell({said.code, about,
        said.words.empty() ? "waits in the queue '" + queue + "' until it is admitted"
                           : "waits in the queue '" + queue + "': " + said.words,
        said.impossible},
       state);
}

}  // namespace lotse::workload
