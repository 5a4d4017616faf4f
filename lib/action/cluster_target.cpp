#include "action/cluster_target.h"

#include <algorithm>
#include <map>

#include "action/claims.h"
#include "action/cluster.h"
#include "action/events.h"
#include "base/error.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "base/strings.h"
#include "kube/lists.h"
#include "kube/logs.h"
#include "kube/mirror.h"
#include "object/reference.h"
#include "object/run_name.h"
#include "workload/pod.h"

namespace lotse::action {

namespace {

using base::Error;
using base::ErrorKind;
using object::Kind;

const Kind& kind(const char* api_version, const char* name) {
  return *object::find_kind(api_version, name);
}

const Kind& config_map() {
  return kind("v1", "ConfigMap");
}
const Kind& claim() {
  return kind("v1", "PersistentVolumeClaim");
}

/// What the state of a workload is worked out from.
std::vector<const Kind*> kinds_of_a_workload() {
  return {&config_map(),
          &claim(),
          &kind("batch/v1", "Job"),
          &kind("apps/v1", "Deployment"),
          &kind("apps/v1", "ReplicaSet"),
          &kind("v1", "Pod"),
          &kind("v1", "Service")};
}

kube::Selector of_workload(const std::string& name) {
  return {std::string(workload::label_workload) + "=" + name, ""};
}

Snapshot objects_of(kube::Client& client, const kube::Selector& selector) {
  std::vector<kube::ListQuery> queries;
  for (const auto* each : kinds_of_a_workload()) queries.push_back({each, selector});
  Snapshot objects;
  for (auto& list : kube::list_all(client, queries))
    std::move(list.items.begin(), list.items.end(), std::back_inserter(objects));
  return objects;
}

bool is_ours(const std::string& key) {
  return key.starts_with("lotse.dev/") || key == workload::label_managed_by;
}

/// What was applied to the anchor, and one annotation more; refused if it has changed meanwhile.
json anchor_with(json anchor, const char* annotation, const std::string& value) {
  auto& metadata = anchor["metadata"];
  json wanted = {
      {"apiVersion", config_map().api_version},
      {"kind", config_map().kind},
      {"metadata", {{"name", metadata["name"]}, {"resourceVersion", metadata["resourceVersion"]}}},
      {"data", anchor.value("data", json::object())}};
  for (const char* part : {"labels", "annotations"}) {
    const json present = metadata.value(part, json::object());
    for (const auto& [key, text] : present.items())
      if (is_ours(key)) wanted["metadata"][part][key] = text;
  }
  wanted["metadata"]["annotations"][annotation] = value;
  return wanted;
}

class ClusterTarget : public Target, public Cluster {
 public:
  explicit ClusterTarget(kube::Settings settings) : settings_(std::move(settings)) {}

  std::string describe() const override {
    const auto where = settings_.context.empty() ? "this cluster" : "context " + settings_.context;
    return where + ", namespace " + settings_.name_space;
  }
  bool is_local() const override { return false; }
  std::string target_namespace() const override { return settings_.name_space; }

  /// All objects are tried on the server before the first is kept, so that a mistake in one leaves
  /// nothing of the others (promise A6).
  std::vector<json> apply(const std::string&, const std::vector<json>& objects,
                          bool server_dry_run) override {
    check_claims(client(), objects);
    for (const auto& object : objects)
      if (!is_claim_there(object)) client().apply(object, true);
    if (server_dry_run) return objects;
    std::vector<json> applied;
    for (json object : objects) {
      if (is_claim_there(object)) continue;
      if (!applied.empty() && object::kind_of(object) != claim().kind) {
        object["metadata"]["ownerReferences"] = {object::owner_reference(applied.front())};
        object::name_run(object, object::uid_of(applied.front()));
      }
      applied.push_back(client().apply(object));
    }
    return applied;
  }

  Snapshot snapshot(const std::string& workload) override {
    if (mirror_ && mirrored_ == workload)
      return with_events(workload, or_not_found(workload, mirror_->objects()));
    return with_events(workload,
                       or_not_found(workload, objects_of(client(), of_workload(workload))));
  }

  Snapshot list() override {
    const kube::Selector ours{std::string(workload::label_managed_by) + "=" + workload::managed_by,
                              ""};
    Snapshot objects = objects_of(client(), ours);
    if (objects.empty()) require_namespace();
    std::erase_if(objects, [&](const json& object) {
      return object::kind_of(object) == claim().kind && !has_anchor(objects, object);
    });
    std::vector<std::string> troubled;
    for (const auto& [name, its] : workload::by_workload(objects))
      for (auto& each : workload::names_in_trouble(name, its)) troubled.push_back(std::move(each));
    for (auto& event : events_about(client(), troubled)) objects.push_back(std::move(event));
    return objects;
  }

  void wait_change(const std::string& workload, std::string& token,
                   std::chrono::milliseconds timeout) override {
    if (!mirror_ || mirrored_ != workload) {
      mirror_ =
          std::make_unique<kube::Mirror>(client(), kinds_of_a_workload(), of_workload(workload));
      mirrored_ = workload;
    }
    if (token == std::to_string(mirror_->generation())) mirror_->wait(timeout);
    token = std::to_string(mirror_->generation());
  }

  /// Applied, not patched: the next submission, which does not name the annotation, takes it away.
  void record_result(const workload::State& state) override {
    if (state.long_running) return;
    try {
      json anchor = client().get(config_map(), state.name);
      auto& annotations = anchor["metadata"]["annotations"];
      const auto result =
          workload::result_of(state, annotations.value(workload::annotation_revision, ""));
      if (annotations.value(workload::annotation_result, "") == result) return;
      client().apply(anchor_with(std::move(anchor), workload::annotation_result, result));
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::interrupted) throw;
      base::log_debug(1, std::string("the result is not kept: ") + error.what());
    }
  }

  void follow_logs(const std::string& workload, const LogOptions& options, const LogSink& sink,
                   const std::function<bool()>& stop) override {
    Connected own(settings_);
    const auto newest = newest_job(own.client(), workload);
    std::map<std::string, std::optional<int64_t>> ranks;
    std::map<std::string, bool> has_several;
    const auto filter = [&](const json& pod) {
      const auto rank = workload::pod_state(pod, {}).rank;
      const auto job =
          workload::text_at(pod, {"metadata", "labels", "batch.kubernetes.io/job-name"});
      if (!job.empty() && job != newest) return false;  // of an earlier revision
      ranks[object::name_of(pod)] = rank;
      has_several[object::name_of(pod)] = kube::containers_of(pod).size() > 1;
      return !options.rank || rank == options.rank;
    };
    const kube::LogQuery query{options.follow, options.tail, options.since, options.previous};
    kube::read_logs(
        own.client(), of_workload(workload), filter, query,
        [&](const kube::LogLine& line) {
          sink({line.pod, ranks[line.pod], line.time, line.text,
                has_several[line.pod] ? line.container : ""});
        },
        ended_check(own.client(), workload, stop));
  }

  void remove_object(const std::string&, const json& object) override {
    const auto* of = object::find_kind(object.value("apiVersion", ""), object::kind_of(object));
    if (of == nullptr) return;
    client().remove(*of, object::name_of(object),
                    {kube::Propagation::foreground, object::uid_of(object)});
    wait_until_gone(*of, object::name_of(object));
  }

  Removal remove(const std::string& workload, bool purge) override {
    Removal done;
    const auto objects = snapshot(workload);
    for (const auto& object : objects) {
      if (object::kind_of(object) == claim().kind) continue;
      const auto of = object::kind_of(object);
      if (of != "Pod" && of != "ReplicaSet" && of != "Event")
        done.removed.push_back(object::describe(object));
    }
    // One call: the garbage collector takes everything that the anchor owns, its pods first.
    client().remove(config_map(), workload, {kube::Propagation::foreground, ""});
    mirror_.reset();
    wait_until_gone(workload);
    for (const auto& object : objects) {
      if (object::kind_of(object) != claim().kind) continue;
      const auto name = object::name_of(object);
      if (purge) client().remove(claim(), name);
      (purge ? done.claims_removed : done.claims_left).push_back(name);
    }
    return done;
  }

  void stop(const std::string&) override {
    throw Error(ErrorKind::invalid, "a run in a cluster cannot be stopped and kept",
                "`lotse delete` removes it; claims keep their data");
  }

  void restart(const std::string&, const json& deployment, const std::string& time) override {
    const json change = {
        {"spec",
         {{"template",
           {{"metadata", {{"annotations", {{"kubectl.kubernetes.io/restartedAt", time}}}}}}}}}};
    client().patch(kind("apps/v1", "Deployment"), object::name_of(deployment), change);
  }

  std::string server_version() override { return client().server_version(); }

  Cluster* cluster() override { return this; }
  kube::Client& client() override {
    if (!connected_) connected_ = std::make_unique<Connected>(settings_);
    return connected_->client();
  }
  std::unique_ptr<Connected> connect() const override {
    return std::make_unique<Connected>(settings_);
  }

 private:
  /// A list in a namespace that is not there is empty. Without the right to look, nothing is said.
  void require_namespace() {
    try {
      client().get(kind("v1", "Namespace"), settings_.name_space);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::denied) throw;
    }
  }

  Snapshot with_events(const std::string& workload, Snapshot objects) {
    const auto troubled = workload::names_in_trouble(workload, objects);
    for (auto& event : events_about(client(), troubled)) objects.push_back(std::move(event));
    return objects;
  }

  static std::string newest_job(kube::Client& client, const std::string& workload) {
    Snapshot objects;
    for (auto& list : kube::list_all(client, {{&config_map(), of_workload(workload)},
                                              {&kind("batch/v1", "Job"), of_workload(workload)}}))
      std::move(list.items.begin(), list.items.end(), std::back_inserter(objects));
    const auto object = workload::state_of(workload, objects).object;
    return object.substr(object.find('/') + 1);
  }

  /// A claim outlives its workload and cannot be changed: one that is there is used as it is.
  bool is_claim_there(const json& object) {
    return object::kind_of(object) == claim().kind &&
           client().find(claim(), object::name_of(object)).has_value();
  }

  static bool is_anchor(const json& object, const std::string& workload) {
    return object::kind_of(object) == config_map().kind && object::name_of(object) == workload;
  }

  static std::string workload_of(const json& object) {
    return workload::text_at(object, {"metadata", "labels", workload::label_workload});
  }

  static bool has_anchor(const Snapshot& objects, const json& object) {
    return std::any_of(objects.begin(), objects.end(),
                       [&](const json& other) { return is_anchor(other, workload_of(object)); });
  }

  /// A workload is there as long as its anchor is; claims that it left behind are not it.
  static Snapshot or_not_found(const std::string& workload, Snapshot objects) {
    if (std::any_of(objects.begin(), objects.end(),
                    [&](const json& object) { return is_anchor(object, workload); }))
      return objects;
    throw Error(ErrorKind::not_found, "there is no workload '" + workload + "'",
                "`lotse list` shows what there is");
  }

  /// Nothing more will be printed: it has ended, is stopped, or is no longer there.
  static bool is_over(const std::string& workload, const Snapshot& objects) {
    const auto state = workload::state_of(workload, objects);
    return state.ended() || state.phase == workload::Phase::stopped ||
           state.phase == workload::Phase::gone;
  }

  /// Asks the server at most once a second.
  static std::function<bool()> ended_check(kube::Client& client, const std::string& workload,
                                           const std::function<bool()>& stop) {
    using Clock = std::chrono::steady_clock;
    return [&client, workload, stop, next = Clock::now(), over = false]() mutable {
      if (stop() || over) return true;
      if (Clock::now() < next) return false;
      next = Clock::now() + std::chrono::seconds(1);
      try {
        over = is_over(workload, objects_of(client, of_workload(workload)));
      } catch (const Error& error) {
        if (error.kind() != ErrorKind::unreachable) throw;  // the streams wait for the server too
      }
      return over;
    };
  }

  void wait_until_gone(const Kind& of, const std::string& name) {
    kube::Mirror mirror(client(), {&of}, {"", "metadata.name=" + name});
    wait_until_empty(mirror, base::lower(of.kind) + "/" + name);
  }

  /// The anchor goes at once, what it owns when the garbage collector comes by: both are waited
  /// for.
  void wait_until_gone(const std::string& workload) {
    auto kinds = kinds_of_a_workload();
    std::erase(kinds, &claim());
    kube::Mirror mirror(client(), kinds, of_workload(workload));
    wait_until_empty(mirror, "'" + workload + "'");
  }

  static void wait_until_empty(kube::Mirror& mirror, const std::string& what) {
    constexpr std::chrono::seconds longest{120};
    const auto end = std::chrono::steady_clock::now() + longest;
    while (!mirror.objects().empty()) {
      if (std::chrono::steady_clock::now() > end)
        throw Error(ErrorKind::timeout, what + " is still being deleted",
                    "`lotse list` shows when it is gone");
      mirror.wait(std::chrono::seconds(1));
      base::throw_if_interrupted();
    }
  }

  kube::Settings settings_;
  std::unique_ptr<Connected> connected_;
  std::unique_ptr<kube::Mirror> mirror_;
  std::string mirrored_;
};

}  // namespace

std::unique_ptr<Target> make_cluster_target(const kube::Settings& settings) {
  return std::make_unique<ClusterTarget>(settings);
}

}  // namespace lotse::action
