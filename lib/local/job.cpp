#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include "base/strings.h"
#include "local/controller.h"
#include "local/policy.h"
#include "object/member.h"
#include "object/reference.h"

namespace lotse::local {

namespace {

constexpr auto index_annotation = "batch.kubernetes.io/job-completion-index";

/// {0,1,2,5} -> "0-2,5", as in status.completedIndexes.
std::string ranges(const std::set<int>& numbers) {
  std::vector<std::string> parts;
  for (auto i = numbers.begin(); i != numbers.end();) {
    const int first = *i;
    int last = first;
    while (++i != numbers.end() && *i == last + 1) ++last;
    parts.push_back(first == last ? std::to_string(first) : base::cat(first, "-", last));
  }
  return base::join(parts, ",");
}

std::set<int> numbers_of(const std::string& text) {
  std::set<int> numbers;
  for (const auto& part : base::split(text, ',')) {
    if (part.empty()) continue;
    const auto ends = base::split(part, '-');
    for (int i = std::stoi(ends.front()); i <= std::stoi(ends.back()); ++i) numbers.insert(i);
  }
  return numbers;
}

/// An Indexed or plain Job, as the Job controller carries it out: completions, parallelism,
/// podFailurePolicy, backoffLimit, backoffLimitPerIndex, activeDeadlineSeconds, suspend.
class Job : public Controller {
 public:
  Job(json object, PodHost& host, const std::vector<json>& past)
      : Controller(std::move(object), host) {
    indexed_ = object::text_at(object_, {"spec", "completionMode"}, "NonIndexed") == "Indexed";
    completions_ = static_cast<int>(object::number_at(object_, {"spec", "completions"}, 1));
    status_ = {{"conditions", json::array()}};
    for (const auto& one : past) restore(one);
  }

  void update(json object) override { object_ = std::move(object); }
  void set_stopped(bool stopped, std::optional<std::chrono::milliseconds> grace) override {
    stopped_ = stopped;
    grace_ = grace;
  }
  bool idle() const override {
    return active() == 0 && (has("Complete") || has("Failed") || suspended());
  }
  SteadyTime tick(SteadyTime now) override;
  std::vector<json> objects() const override;

 private:
  struct Slot {
    SteadyTime not_before{};
    int failures = 0;
  };

  void restore(const json& one) {
    if (object::kind_of(one) == "Pod") return past_pods_.push_back(one);
    if (one.contains("status")) status_ = one.at("status");
    succeeded_ = numbers_of(object::text_at(status_, {"completedIndexes"}));
    failed_indexes_ = numbers_of(object::text_at(status_, {"failedIndexes"}));
    for (int i = 0; !indexed_ && i < object::number_at(status_, {"succeeded"}); ++i)
      succeeded_.insert(i);
    failed_ = static_cast<int>(object::number_at(status_, {"failed"}));
    drop("SupervisorLost");
  }

  bool has(const std::string& type) const {
    const auto& all = object::list_at(status_, {"conditions"});
    return std::any_of(all.begin(), all.end(), [&](const json& one) {
      return object::text_at(one, {"type"}) == type && object::text_at(one, {"status"}) == "True";
    });
  }
  void drop(const std::string& type) {
    json kept = json::array();
    for (const auto& one : status_["conditions"])
      if (object::text_at(one, {"type"}) != type) kept.push_back(one);
    status_["conditions"] = kept;
  }
  void set(const std::string& type, bool value, const std::string& reason,
           const std::string& message) {
    drop(type);
    status_["conditions"].push_back(condition(type, value, reason, message));
  }
  int active() const {
    return static_cast<int>(
        std::count_if(pods_.begin(), pods_.end(), [](const auto& pod) { return !pod->ended(); }));
  }
  /// A queue admits Jobs of a cluster; here is none, and nobody else needs the machine.
  bool suspended() const {
    const bool queued =
        object::at(object_, {"metadata", "labels"}).contains("kueue.x-k8s.io/queue-name");
    return stopped_ || (!queued && object::flag_at(object_, {"spec", "suspend"}));
  }
  void fail(const std::string& reason, const std::string& message) {
    if (failing_) return;
    failing_ = {reason, message};
    set("FailureTarget", true, reason, message);
  }
  void pod_ended(const Pod& pod, int slot, SteadyTime now);
  bool fails_by_index() const { return object_.at("spec").contains("backoffLimitPerIndex"); }
  void check_limits(SteadyTime now);
  void start_pods(SteadyTime now);
  void start_pod(int slot, SteadyTime now);

  bool indexed_ = false, stopped_ = false;
  std::optional<std::chrono::milliseconds> grace_;
  int completions_ = 1, failed_ = 0;
  std::set<int> succeeded_, failed_indexes_;
  std::map<int, Slot> slots_;
  std::map<const Pod*, int> slot_of_;  ///< of pods whose end has not been counted
  std::optional<std::pair<std::string, std::string>> failing_;
  json status_;
  std::vector<json> past_pods_;
  std::string rendezvous_;
};

void Job::pod_ended(const Pod& pod, int slot, SteadyTime now) {
  if (pod.exit_code() == 0 &&
      !(pod.terminating() && pod.object()["status"]["phase"] != "Succeeded")) {
    succeeded_.insert(slot);
    return;
  }
  if (pod.terminating()) return;
  const auto action = failure_action(object_.at("spec"), pod.container(), pod.exit_code());
  if (action.kind == FailureAction::fail_job) {
    ++failed_;
    return fail("PodFailurePolicy",
                base::cat("Container ", pod.container(), " for pod ",
                          object::text_at(object_, {"metadata", "namespace"}, "default"), "/",
                          pod.name(), " failed with exit code ", pod.exit_code(),
                          " matching FailJob rule at index ", action.rule));
  }
  auto& place = slots_[slot];
  if (action.kind == FailureAction::count) {
    ++failed_;
    ++place.failures;
    if (fails_by_index() &&
        place.failures > object::number_at(object_, {"spec", "backoffLimitPerIndex"}))
      failed_indexes_.insert(slot);
  }
  place.not_before = now + backoff_delay(host_.backoff, place.failures);
}

void Job::check_limits(SteadyTime now) {
  const int standard = fails_by_index() ? std::numeric_limits<int>::max() : 6;
  int failures = failed_;
  for (const auto& pod : pods_)
    if (!pod->ended()) failures += pod->restarts();
  if (failures > object::number_at(object_, {"spec", "backoffLimit"}, standard))
    fail("BackoffLimitExceeded", "Job has reached the specified backoff limit");
  const auto deadline = object::number_at(object_, {"spec", "activeDeadlineSeconds"});
  if (deadline > 0 && status_.contains("startTime") &&
      std::chrono::system_clock::now() >=
          parse_timestamp(status_["startTime"]) + std::chrono::seconds(deadline))
    fail("DeadlineExceeded", "Job was active longer than specified deadline");
  if (failing_)
    for (const auto& pod : pods_)
      if (!pod->ended()) pod->terminate(now);
}

void Job::start_pod(int slot, SteadyTime now) {
  const std::string job = object::name_of(object_);
  if (rendezvous_.empty()) rendezvous_ = base::cat("127.0.0.1:", free_port());
  json pod = new_pod(
      indexed_ ? base::cat(job, "-", slot, "-", random_ending()) : job + "-" + random_ending(),
      object_);
  auto& labels = pod["metadata"]["labels"];
  labels["job-name"] = labels["batch.kubernetes.io/job-name"] = job;
  if (indexed_)
    labels[index_annotation] = pod["metadata"]["annotations"][index_annotation] =
        std::to_string(slot);
  auto& made = pods_.emplace_back(std::make_unique<Pod>(std::move(pod), host_, rendezvous_));
  slot_of_[made.get()] = slot;
  made->start(now);
}

void Job::start_pods(SteadyTime now) {
  std::set<int> taken = succeeded_;
  taken.insert(failed_indexes_.begin(), failed_indexes_.end());
  int free = std::min(static_cast<int>(object::number_at(object_, {"spec", "parallelism"}, 1)),
                      completions_ - static_cast<int>(taken.size())) -
             active();
  for (const auto& [pod, slot] : slot_of_) taken.insert(slot);
  for (int slot = 0; slot < completions_ && free > 0; ++slot) {
    if (taken.contains(slot) || slots_[slot].not_before > now) continue;
    start_pod(slot, now);
    --free;
  }
}

SteadyTime Job::tick(SteadyTime now) {
  SteadyTime next = SteadyTime::max();
  for (const auto& pod : pods_) {
    next = std::min(next, pod->tick(now));
    const auto slot = slot_of_.find(pod.get());
    if (pod->ended() && slot != slot_of_.end()) {
      pod_ended(*pod, slot->second, now);
      slot_of_.erase(slot);
    }
  }
  if (has("Complete") || has("Failed")) return next;
  check_limits(now);
  if (failing_) {
    if (active() == 0) set("Failed", true, failing_->first, failing_->second);
    return next;
  }
  const auto over = succeeded_.size() + failed_indexes_.size();
  if (static_cast<int>(over) >= completions_ && !failed_indexes_.empty()) {
    fail("FailedIndexes", "Job has failed indexes");
    return now;
  }
  if (static_cast<int>(over) >= completions_) {
    set("SuccessCriteriaMet", true, "CompletionsReached",
        "Reached expected number of succeeded pods");
    set("Complete", true, "CompletionsReached", "Reached expected number of succeeded pods");
    status_["completionTime"] = timestamp();
    return next;
  }
  if (suspended()) {
    for (const auto& pod : pods_)
      if (!pod->ended()) pod->terminate(now, grace_);
    if (!has("Suspended"))
      set("Suspended", true, stopped_ ? "Stopped" : "JobSuspended", "Job suspended");
    status_.erase("startTime");
    for (const auto& pod : pods_) next = std::min(next, pod->tick(now));
    return next;
  }
  if (has("Suspended")) set("Suspended", false, "JobResumed", "Job resumed");
  if (!status_.contains("startTime")) status_["startTime"] = timestamp();
  start_pods(now);
  for (const auto& pod : pods_) next = std::min(next, pod->tick(now));
  for (const auto& entry : slots_)
    if (entry.second.not_before > now) next = std::min(next, entry.second.not_before);
  // A deadline is the wall clock's, and a second late at most.
  if (object_.at("spec").contains("activeDeadlineSeconds"))
    next = std::min(next, now + std::chrono::milliseconds(500));
  return next;
}

std::vector<json> Job::objects() const {
  json job = object_;
  json status = status_;
  int ready = 0, terminating = 0;
  for (const auto& pod : pods_) {
    ready += pod->ready() ? 1 : 0;
    terminating += pod->terminating() && !pod->ended() ? 1 : 0;
  }
  status["active"] = active() - terminating;
  status["terminating"] = terminating;
  status["ready"] = ready;
  status["succeeded"] = succeeded_.size();
  status["failed"] = failed_;
  if (indexed_) status["completedIndexes"] = ranges(succeeded_);
  if (fails_by_index()) status["failedIndexes"] = ranges(failed_indexes_);
  job["status"] = status;
  std::vector<json> result = {job};
  result.insert(result.end(), past_pods_.begin(), past_pods_.end());
  for (const auto& pod : pods_) result.push_back(pod->object());
  return result;
}

}  // namespace

json owner_of(const json& object) {
  const auto& owners = object::list_at(object, {"metadata", "ownerReferences"});
  return owners.empty() ? json::object() : owners[0];
}

json job_of(const json& object) {
  if (object::kind_of(object) == "Job") return object::controller_reference(object);
  const auto owner = owner_of(object);
  return object::kind_of(owner) == "Job" ? owner : json::object();
}

bool is_of_earlier_job(const json& object, const std::vector<json>& wanted) {
  const auto uid = object::text_at(job_of(object), {"uid"});
  return !uid.empty() && std::none_of(wanted.begin(), wanted.end(),
                                      [&](const json& one) { return object::uid_of(one) == uid; });
}

json Controller::new_pod(const std::string& name, const json& owner) const {
  json pod = {{"apiVersion", "v1"},
              {"kind", "Pod"},
              {"metadata", object::at(object_, {"spec", "template", "metadata"})},
              {"spec", object_.at("spec").at("template").at("spec")}};
  auto& metadata = pod["metadata"];
  metadata["name"] = name;
  metadata["namespace"] = object::text_at(object_, {"metadata", "namespace"}, "default");
  metadata["uid"] = random_uid();
  metadata["creationTimestamp"] = timestamp();
  metadata["ownerReferences"] = json::array({object::controller_reference(owner)});
  return pod;
}

std::unique_ptr<Controller> make_job(json object, PodHost& host, const std::vector<json>& past) {
  return std::make_unique<Job>(std::move(object), host, past);
}

}  // namespace lotse::local
