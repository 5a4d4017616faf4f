#include "action/cluster_target.h"

#include <algorithm>
#include <map>
#include <set>

#include "action/cluster.h"
#include "action/cluster_write.h"
#include "action/events.h"
#include "action/explaining.h"
#include "action/workload_kinds.h"
#include "action/workload_list.h"
#include "base/error.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "base/strings.h"
#include "kube/lists.h"
#include "kube/logs.h"
#include "kube/mirror.h"
#include "object/member.h"
#include "object/reference.h"
#include "release/revision.h"
#include "workload/pod.h"

namespace lotse::action {

namespace {

using base::Error;
using base::ErrorKind;
using object::Kind;

Snapshot objects_of(kube::Client& client, const kube::Selector& selector) {
  std::vector<kube::ListQuery> queries;
  for (const auto* each : kinds_of_a_workload()) queries.push_back({each, selector});
  Snapshot objects;
  for (auto& list : kube::list_all(client, queries))
    for (auto& item : list.items) objects.add(std::move(item));
  return objects;
}

/// Besides ConfigMaps; see Target::written.
std::vector<const Kind*> written_kinds(const std::vector<json>& wanted) {
  std::vector<const Kind*> kinds = {&kind("v1", "Secret"), &kind("batch/v1", "Job")};
  const auto add = [&](const Kind* each) {
    const bool known = each == nullptr || each == &config_map() ||
                       std::find(kinds.begin(), kinds.end(), each) != kinds.end();
    if (!known) kinds.push_back(each);
  };
  for (const auto& object : wanted)
    add(object::find_kind(object::text_at(object, {"apiVersion"}), object::kind_of(object)));
  if (!wanted.empty()) return kinds;
  for (const auto* each : {&claim(), &kind("apps/v1", "Deployment"), &kind("v1", "Service"),
                           &kind("policy/v1", "PodDisruptionBudget")})
    add(each);
  return kinds;
}

class ClusterTarget : public Target, public Cluster {
 public:
  ClusterTarget(identity::Settings settings, MakeTransport make, MakeOutside outside)
      : settings_(std::move(settings)), make_(std::move(make)), outside_(std::move(outside)) {}

  std::string describe() const override {
    const auto where = settings_.context.empty() ? "this cluster" : "context " + settings_.context;
    return where + ", namespace " + settings_.name_space;
  }
  bool is_local() const override { return false; }
  std::string target_namespace() const override { return settings_.name_space; }

  Applied apply(const std::string& workload, const Change& change) override {
    return write_workload(client(), workload, change);
  }

  std::vector<Tried> try_out(const std::string& workload, const Change& change) override {
    return try_workload(client(), workload, change);
  }

  /// The ConfigMaps first: what is written after the anchor was read changes it.
  Written written(const std::string& workload, const std::vector<json>& wanted) override {
    Written found;
    for (auto& map : client().list(config_map(), of_workload(workload)).items) {
      if (is_anchor(map, workload))
        found.version = object::text_at(map, {"metadata", "resourceVersion"});
      found.objects.add(std::move(map));
    }
    std::vector<kube::ListQuery> queries;
    for (const auto* each : written_kinds(wanted)) queries.push_back({each, of_workload(workload)});
    for (auto& list : kube::list_all(client(), queries))
      for (auto& item : list.items) {
        if (release::is_revision(item)) found.revisions.push_back(item);
        found.objects.add(std::move(item));
      }
    // What runs may be out of its queue, which Kueue alone knows.
    if (!wanted.empty())
      for (auto& object : queue_objects(client(), workload::explaining(found.objects)))
        found.objects.add(std::move(object));
    return found;
  }

  Snapshot snapshot(const std::string& workload) override {
    if (mirror_ && mirrored_ == workload)
      return explained(workload, or_not_found(workload, mirror_->objects()));
    return explained(workload, or_not_found(workload, objects_of(client(), of_workload(workload))));
  }

  void each_workload(const Visit& visit) override {
    if (!list_workloads(client(), visit)) require_namespace();
  }

  Snapshot list() override {
    Snapshot all;
    each_workload([&](const std::string&, const Snapshot& objects) {
      for (const auto& object : objects) all.add(object);
    });
    return all;
  }

  std::vector<std::string> names() override { return list_names(client()); }

  std::vector<Orphan> orphans() override { return list_orphans(client()); }

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

  void follow_logs(const std::string& workload, const LogOptions& options, const LogSink& sink,
                   const std::function<bool()>& stop) override {
    Connected own(settings_, make_);
    const auto newest = newest_job(own.client(), workload);
    std::map<std::string, std::optional<int64_t>> ranks;
    std::map<int64_t, std::set<std::pair<std::string, std::string>>> attempts;  // by age
    std::map<std::string, std::string> created;
    std::map<std::string, bool> has_several;
    const auto attempt_of = [&](const std::string& pod) -> int64_t {
      if (!ranks[pod]) return 1;
      const auto& all = attempts[*ranks[pod]];
      return 1 + std::distance(all.begin(), all.find({created[pod], pod}));
    };
    const auto filter = [&](const json& pod) {
      const auto rank = workload::pod_state(pod, {}).rank;
      const auto job = object::text_at(pod, {"metadata", "labels", "batch.kubernetes.io/job-name"});
      if (!job.empty() && job != newest) return false;  // of an earlier revision
      const auto name = object::name_of(pod);
      ranks[name] = rank;
      created[name] = object::text_at(pod, {"metadata", "creationTimestamp"});
      if (rank) attempts[*rank].emplace(created[name], name);
      has_several[name] = kube::containers_of(pod).size() > 1;
      return !options.rank || rank == options.rank;
    };
    kube::read_logs(
        own.client(), of_workload(workload), filter, options,
        [&](LogLine line) {
          line.attempt = attempt_of(line.pod);
          if (options.attempt && line.attempt != *options.attempt) return;
          line.rank = ranks[line.pod];
          if (!has_several[line.pod]) line.container.clear();
          sink(line);
        },
        ended_check(own.client(), workload, stop));
  }

  std::vector<LogLine> last_lines(const std::string&, const std::string& pod,
                                  const std::string& container, int64_t count,
                                  std::chrono::milliseconds patience) override {
    return kube::last_lines(client(), pod, container, count, patience);
  }

  /// Claims go first and the anchor last: as long as it is there, an interrupted `delete` can be
  /// repeated. The garbage collector takes what the anchor owns; a claim goes with the last pod
  /// that mounts it.
  Removal remove(const std::string& workload, bool purge) override {
    Snapshot objects;
    for (const auto& object : objects_of(client(), of_workload(workload)))
      if (!is_of_a_controller(object) && why_not_ours(object, workload).empty())
        objects.add(object);
    Removal done;
    for (const auto& object : objects) {
      if (object::kind_of(object) != claim().kind) continue;
      if (purge) remove_object(object);
      (purge ? done.claims_removed : done.claims_left).push_back(object::name_of(object));
    }
    const bool anchored = has_anchor(objects, workload);
    for (const auto& object : objects) {
      if (object::kind_of(object) == claim().kind) continue;
      if (!anchored || is_anchor(object, workload)) remove_object(object);
      done.removed.push_back(object::describe(object));
    }
    mirror_.reset();
    if (!done.removed.empty()) wait_until_gone(workload);
    if (!done.claims_removed.empty()) wait_a_moment_for_claims(workload);
    return done;
  }

  void stop(const std::string&) override {
    throw Error(ErrorKind::invalid, "a run in a cluster cannot be stopped and kept",
                "`lotse delete` removes it; claims keep their data");
  }

  void patch(const std::string&, const json& object, const json& change) override {
    client().patch(
        kind(object::text_at(object, {"apiVersion"}).c_str(), object::kind_of(object).c_str()),
        object::name_of(object), change);
  }

  std::string server_version() override { return client().server_version(); }

  Cluster* cluster() override { return this; }
  kube::Client& client() override {
    if (!connected_) connected_ = std::make_unique<Connected>(settings_, make_);
    return connected_->client();
  }
  std::unique_ptr<Connected> connect() const override {
    return std::make_unique<Connected>(settings_, make_);
  }
  std::unique_ptr<net::Transport> outside() const override { return outside_(); }

 private:
  /// A list in a namespace that is not there is empty. Without the right to look, nothing is said.
  void require_namespace() {
    try {
      client().get(kind("v1", "Namespace"), settings_.name_space);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::denied) throw;
    }
  }

  /// With what else says why the workload is as it is.
  Snapshot explained(const std::string& workload, Snapshot objects) {
    for (auto& object : explaining_objects(client(), workload::explaining(objects)))
      objects.add(std::move(object));
    const auto troubled = workload::names_in_trouble(workload, objects);
    for (auto& event : events_about(client(), troubled)) objects.add(std::move(event));
    return objects;
  }

  static std::string newest_job(kube::Client& client, const std::string& workload) {
    Snapshot objects;
    for (auto& list : kube::list_all(client, {{&config_map(), of_workload(workload)},
                                              {&kind("batch/v1", "Job"), of_workload(workload)}}))
      for (auto& item : list.items) objects.add(std::move(item));
    objects = or_not_found(workload, std::move(objects));
    const auto object = workload::state_of(workload, objects).object;
    return object.substr(object.find('/') + 1);
  }

  void remove_object(const json& object) {
    const auto& of =
        kind(object::text_at(object, {"apiVersion"}).c_str(), object::kind_of(object).c_str());
    client().remove(of, object::name_of(object),
                    {kube::Propagation::foreground, object::uid_of(object)});
  }

  static bool is_of_a_controller(const json& object) {
    return object::kind_of(object) == "Pod" || object::kind_of(object) == "ReplicaSet";
  }

  static bool has_anchor(const Snapshot& objects, const std::string& workload) {
    return objects.find(config_map().kind, workload) != nullptr;
  }

  /// A workload is there as long as its anchor is; claims that it left behind are not it.
  static Snapshot or_not_found(const std::string& workload, Snapshot objects) {
    if (has_anchor(objects, workload)) return objects;
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

  /// The anchor goes at once, what it owns when the garbage collector comes by: both are waited
  /// for.
  void wait_until_gone(const std::string& workload) {
    auto kinds = kinds_of_a_workload();
    std::erase(kinds, &claim());
    kube::Mirror mirror(client(), kinds, of_workload(workload));
    if (!is_soon_empty(mirror, std::chrono::seconds(120)))
      throw Error(ErrorKind::timeout, "'" + workload + "' is still being deleted",
                  "`lotse list` shows when it is gone");
  }

  /// So that the same name can be used again at once. A claim that a pod of others mounts stays
  /// until that pod ends, which is nothing to wait for.
  void wait_a_moment_for_claims(const std::string& workload) {
    kube::Mirror mirror(client(), {&claim()}, of_workload(workload));
    is_soon_empty(mirror, std::chrono::seconds(10));
  }

  static bool is_soon_empty(kube::Mirror& mirror, std::chrono::seconds longest) {
    const auto end = std::chrono::steady_clock::now() + longest;
    while (!mirror.objects().empty()) {
      if (std::chrono::steady_clock::now() > end) return false;
      mirror.wait(std::chrono::seconds(1));
      base::throw_if_interrupted();
    }
    return true;
  }

  identity::Settings settings_;
  MakeTransport make_;
  MakeOutside outside_;
  std::unique_ptr<Connected> connected_;
  std::unique_ptr<kube::Mirror> mirror_;
  std::string mirrored_;
};

}  // namespace

std::unique_ptr<Target> make_cluster_target(const identity::Settings& settings,
                                            const MakeTransport& make, const MakeOutside& outside) {
  return std::make_unique<ClusterTarget>(settings, make, outside);
}

}  // namespace lotse::action
