#include <algorithm>
#include <cmath>
#include <map>

#include "base/strings.h"
#include "local/controller.h"
#include "object/member.h"
#include "object/reference.h"

namespace lotse::local {

namespace {

/// The pod template's hash in a ReplicaSet's name: FNV-1a (Fowler, Noll, Vo), in its letters.
std::string template_hash(const json& pod_template) {
  uint64_t hash = 14695981039346656037ULL;
  for (const char c : pod_template.dump())
    hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  constexpr std::string_view letters = "bcdfghjklmnpqrstvwxz2456789";
  std::string text;
  for (int i = 0; i < 9; ++i, hash /= letters.size()) text += letters[hash % letters.size()];
  return text;
}

/// A member of strategy.rollingUpdate: "25%" of `whole`, or a number.
int part(const json& spec, const char* name, int whole, bool up) {
  const auto& value = object::at(spec, {"strategy", "rollingUpdate", name});
  if (value.is_number()) return value.get<int>();
  const auto percent = value.is_null() ? "25%" : value.get<std::string>();
  const double exact = std::stod(percent) * whole / 100;
  return static_cast<int>(up ? std::ceil(exact) : std::floor(exact));
}

/// A Deployment with its ReplicaSets, as the Deployment controller carries it out.
class Deployment : public Controller {
 public:
  Deployment(json object, PodHost& host) : Controller(json(), host) { update(std::move(object)); }

  void update(json object) override {
    object_ = std::move(object);
    const json& spec = object_.at("spec");
    hash_ = template_hash(spec.at("template"));
    replicas_ = static_cast<int>(object::number_at(spec, {"replicas"}, 1));
    recreate_ = object::text_at(spec, {"strategy", "type"}, "RollingUpdate") == "Recreate";
    surge_ = part(spec, "maxSurge", replicas_, true);
    unavailable_ = part(spec, "maxUnavailable", replicas_, false);
    if (surge_ == 0 && unavailable_ == 0) unavailable_ = 1;
    min_ready_ = std::chrono::seconds(object::number_at(spec, {"minReadySeconds"}));
    last_progress_ = std::chrono::steady_clock::now();
  }
  void set_stopped(bool stopped, std::optional<std::chrono::milliseconds> grace) override {
    stopped_ = stopped;
    grace_ = grace;
  }
  bool idle() const override { return wanted() == 0 && pods_.size() == ended_count(); }
  SteadyTime tick(SteadyTime now) override;
  std::vector<json> objects() const override;

 private:
  int wanted() const { return stopped_ ? 0 : replicas_; }
  size_t ended_count() const {
    return static_cast<size_t>(
        std::count_if(pods_.begin(), pods_.end(), [](const auto& pod) { return pod->ended(); }));
  }
  std::string set_name(const std::string& hash) const {
    return object::name_of(object_) + "-" + hash;
  }
  bool is_new(const Pod& pod) const { return pod.name().starts_with(set_name(hash_) + "-"); }
  bool alive(const Pod& pod) const { return !pod.terminating() && !pod.ended(); }
  /// When a ready pod counts as available (minReadySeconds).
  SteadyTime available_at(const Pod& pod) const {
    const auto since = pod.ready() ? pod.ready_since() : std::nullopt;
    return since ? *since + min_ready_ : SteadyTime::max();
  }
  bool available(const Pod& pod, SteadyTime now) const { return available_at(pod) <= now; }
  template <class Test>
  int count(Test&& test) const {
    return static_cast<int>(
        std::count_if(pods_.begin(), pods_.end(), [&](const auto& pod) { return test(*pod); }));
  }
  /// The ReplicaSet of the present template, made when its first pod is.
  const json& current_set();
  void scale_up(SteadyTime now);
  void scale_down(SteadyTime now);
  void forget_ended();

  std::string hash_;
  std::map<std::string, json> sets_;  // by name; those that have pods are shown
  int replicas_ = 1, surge_ = 1, unavailable_ = 0, best_ = 0, rollouts_ = 0;
  bool recreate_ = false, stopped_ = false;
  std::optional<std::chrono::milliseconds> grace_;
  std::chrono::milliseconds min_ready_{};
  SteadyTime last_progress_{};
  mutable json last_conditions_ = json::array();
};

const json& Deployment::current_set() {
  const auto [entry, made] = sets_.try_emplace(set_name(hash_));
  if (made) {
    const auto& labels = object::at(object_, {"spec", "template", "metadata", "labels"});
    entry->second = {
        {"apiVersion", "apps/v1"},
        {"kind", "ReplicaSet"},
        {"metadata",
         {{"name", entry->first},
          {"namespace", object::text_at(object_, {"metadata", "namespace"}, "default")},
          {"uid", random_uid()},
          {"creationTimestamp", timestamp()},
          {"labels", labels.is_null() ? json::object() : labels},
          {"annotations", {{"deployment.kubernetes.io/revision", std::to_string(++rollouts_)}}},
          {"ownerReferences", json::array({object::controller_reference(object_)})}}}};
  }
  return entry->second;
}

void Deployment::scale_up(SteadyTime now) {
  const int total = count([&](const Pod& pod) { return alive(pod); });
  const int fresh = count([&](const Pod& pod) { return alive(pod) && is_new(pod); });
  if (recreate_ && count([&](const Pod& pod) { return !pod.ended() && !is_new(pod); }) > 0) return;
  int missing = std::min(wanted() - fresh, wanted() + (recreate_ ? 0 : surge_) - total);
  for (; missing > 0; --missing) {
    json pod = new_pod(set_name(hash_) + "-" + random_ending(), current_set());
    pod["metadata"]["labels"]["pod-template-hash"] = hash_;
    pods_.push_back(std::make_unique<Pod>(std::move(pod), host_, ""));
    pods_.back()->start(now);
  }
}

void Deployment::scale_down(SteadyTime now) {
  const int least = recreate_ ? 0 : wanted() - unavailable_;
  int ready = count([&](const Pod& pod) { return alive(pod) && available(pod, now); });
  int fresh = count([&](const Pod& pod) { return alive(pod) && is_new(pod); });
  for (const auto& pod : pods_) {
    if (!alive(*pod) || (is_new(*pod) && fresh <= wanted())) continue;
    // One that does not serve can always go; one that does, only when enough others do.
    const bool serves = available(*pod, now);
    if (serves && ready - 1 < least) continue;
    ready -= serves ? 1 : 0;
    fresh -= is_new(*pod) ? 1 : 0;
    pod->terminate(now, grace_);
  }
}

/// Replaced pods vanish, as in a cluster; those of a stopped Deployment stay for their logs.
void Deployment::forget_ended() {
  if (stopped_) return;
  for (const auto& pod : pods_) {
    std::error_code ignored;
    if (pod->ended()) fs::remove_all(host_.files.pod(pod->name()), ignored);
  }
  std::erase_if(pods_, [](const auto& pod) { return pod->ended(); });
}

SteadyTime Deployment::tick(SteadyTime now) {
  for (const auto& pod : pods_) pod->tick(now);
  scale_down(now);
  scale_up(now);
  forget_ended();
  const int good = count([&](const Pod& pod) { return is_new(pod) && available(pod, now); });
  if (good != best_) last_progress_ = now;
  best_ = good;
  SteadyTime next = SteadyTime::max();
  for (const auto& pod : pods_) {
    next = std::min(next, pod->tick(now));
    if (!available(*pod, now)) next = std::min(next, available_at(*pod));
  }
  return next;
}

std::vector<json> Deployment::objects() const {
  const auto now = std::chrono::steady_clock::now();
  const int total = count([&](const Pod& pod) { return alive(pod); });
  const int fresh = count([&](const Pod& pod) { return alive(pod) && is_new(pod); });
  const int ready = count([&](const Pod& pod) { return pod.ready(); });
  const int good = count([&](const Pod& pod) { return available(pod, now); });
  const bool done = fresh == wanted() && total == fresh && best_ >= wanted();
  const auto limit =
      std::chrono::seconds(object::number_at(object_, {"spec", "progressDeadlineSeconds"}, 600));
  const bool late = !done && now - last_progress_ > limit;
  json conditions = {
      condition("Available", good >= wanted() - unavailable_,
                good >= wanted() - unavailable_ ? "MinimumReplicasAvailable"
                                                : "MinimumReplicasUnavailable"),
      late ? condition("Progressing", false, "ProgressDeadlineExceeded",
                       "ReplicaSet \"" + set_name(hash_) + "\" has timed out progressing.")
           : condition("Progressing", true, done ? "NewReplicaSetAvailable" : "ReplicaSetUpdated")};
  for (size_t i = 0; i < last_conditions_.size(); ++i)
    if (last_conditions_[i]["status"] == conditions[i]["status"])
      conditions[i]["lastTransitionTime"] = last_conditions_[i]["lastTransitionTime"];
  last_conditions_ = conditions;
  json deployment = object_;
  deployment["status"] = {
      {"observedGeneration", object::number_at(object_, {"metadata", "generation"}, 1)},
      {"replicas", total},
      {"updatedReplicas", fresh},
      {"readyReplicas", ready},
      {"availableReplicas", good},
      {"unavailableReplicas", std::max(0, wanted() - good)},
      {"conditions", conditions}};
  std::vector<json> result = {deployment};
  for (const auto& [name, set] : sets_)
    if (count([&, &name = name](const Pod& pod) { return pod.name().starts_with(name + "-"); }) > 0)
      result.push_back(set);
  for (const auto& pod : pods_) result.push_back(pod->object());
  return result;
}

}  // namespace

std::unique_ptr<Controller> make_deployment(json object, PodHost& host, const std::vector<json>&) {
  return std::make_unique<Deployment>(std::move(object), host);
}

}  // namespace lotse::local
