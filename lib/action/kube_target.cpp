#include "action/kube_target.h"

#include <algorithm>
#include <map>

#include "base/clock.h"
#include "base/error.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "base/strings.h"
#include "kube/client.h"
#include "kube/logs.h"
#include "kube/mirror.h"
#include "net/curl_transport.h"
#include "net/retry.h"
#include "object/kind.h"
#include "object/reference.h"
#include "workload/pod.h"

namespace lotse::action {

namespace {

using base::Error;
using base::ErrorKind;

/// A client with its own connections: the log follower runs on another thread.
class Session {
 public:
  explicit Session(const kube::Settings& settings)
      : transport_(kube::connection_of(settings)), retry_(transport_), client(retry_, settings) {}

 private:
  net::CurlTransport transport_;
  net::RetryTransport retry_;

 public:
  kube::Client client;
};

const object::Kind& kind(const char* word) {
  const auto* found = object::find_kind(word);
  if (found == nullptr) throw Error(ErrorKind::failed, std::string("unknown kind ") + word);
  return *found;
}

const object::Kind& kind_of(const json& object) {
  const auto* found = object::find_kind(workload::text_at(object, {"apiVersion"}),
                                        workload::text_at(object, {"kind"}));
  if (found == nullptr)
    throw Error(ErrorKind::invalid,
                "'" + object::describe(object) + "' is of a kind that lotse does not know");
  return *found;
}

/// What a workload can consist of; claims are among them but have no owner.
std::vector<const object::Kind*> kinds() {
  std::vector<const object::Kind*> all;
  for (const char* word :
       {"ConfigMap", "Job", "Deployment", "ReplicaSet", "Pod", "Service", "PersistentVolumeClaim"})
    all.push_back(&kind(word));
  return all;
}

bool is_claim(const json& object) {
  return object::kind_of(object) == "PersistentVolumeClaim";
}

class KubeTarget : public Target {
 public:
  explicit KubeTarget(kube::Settings settings)
      : settings_(std::move(settings)), session_(settings_) {}

  std::string describe() const override {
    const auto where =
        settings_.context.empty() ? "this pod's cluster" : "context " + settings_.context;
    return where + ", namespace " + settings_.name_space;
  }
  bool is_local() const override { return false; }
  std::string target_namespace() const override { return settings_.name_space; }
  std::string server_version() override { return session_.client.server_version(); }

  std::vector<json> apply(const std::string&, const std::vector<json>& objects,
                          bool server_dry_run) override {
    std::vector<json> applied;
    // All are checked before any is kept, so that a refusal leaves nothing half done.
    for (const auto& object : objects) applied.push_back(session_.client.apply(object, true));
    if (server_dry_run) return applied;
    applied.clear();
    json owner;
    for (auto object : objects) {
      if (!owner.is_null() && !is_claim(object))
        object["metadata"]["ownerReferences"] = json::array({owner});
      applied.push_back(session_.client.apply(object));
      base::log_debug(1, "applied " + object::describe(object));
      if (owner.is_null()) owner = object::owner_reference(applied.back());
    }
    return applied;
  }

  Snapshot snapshot(const std::string& workload) override {
    if (mirror_ != nullptr && mirrored_ == workload) return with_events(mirror_->objects());
    return with_events(listed(of_workload(workload)));
  }

  Snapshot list() override {
    return with_events(
        listed(std::string(workload::label_managed_by) + "=" + workload::managed_by));
  }

  void wait_change(const std::string& workload, std::string& token,
                   std::chrono::milliseconds timeout) override {
    if (mirror_ == nullptr || mirrored_ != workload) {
      mirror_ = std::make_unique<kube::Mirror>(session_.client, kinds(),
                                               kube::Selector{of_workload(workload), ""});
      mirrored_ = workload;
    } else if (token == std::to_string(mirror_->generation())) {
      mirror_->wait(timeout);
    }
    token = std::to_string(mirror_->generation());
  }

  void follow_logs(const std::string& workload, const LogOptions& options, const LogSink& sink,
                   const std::function<bool()>& stop) override {
    Session own(settings_);
    const auto newest = newest_job(own.client, workload);
    std::map<std::string, std::optional<int64_t>> ranks;
    const auto chosen = [&](const json& pod) {
      const auto state = workload::pod_state(pod, {});
      const auto job =
          workload::text_at(pod, {"metadata", "labels", "batch.kubernetes.io/job-name"});
      if (!job.empty() && !newest.empty() && job != newest) return false;
      ranks[state.name] = state.rank;
      return !options.rank || state.rank == options.rank;
    };
    kube::LogQuery query;
    query.follow = options.follow;
    query.tail = options.tail;
    query.since = options.since;
    query.previous = options.previous;
    auto checked = base::system_clock().now();
    bool over = false;
    const auto ended = [&] {
      if (stop()) return true;
      if (!over && base::system_clock().now() - checked > std::chrono::seconds(1)) {
        over = has_ended(workload);
        checked = base::system_clock().now();
      }
      return over;
    };
    kube::read_logs(
        own.client, kube::Selector{of_workload(workload), ""}, chosen, query,
        [&](const kube::LogLine& line) {
          sink({line.pod, ranks[line.pod], line.time, line.text});
        },
        ended);
  }

  void remove_object(const std::string&, const json& object) override {
    const auto& its_kind = kind_of(object);
    const auto name = object::name_of(object);
    session_.client.remove(its_kind, name, {kube::Propagation::foreground, object::uid_of(object)});
    wait_until_gone([&] { return !session_.client.find(its_kind, name); },
                    object::describe(object));
  }

  Removal remove(const std::string& workload, bool purge) override {
    mirror_.reset();
    Removal result;
    std::vector<json> claims;
    const auto objects = listed(of_workload(workload));
    for (const auto& object : objects) {
      if (is_claim(object))
        claims.push_back(object);
      else if (object::kind_of(object) != "Pod" && object::kind_of(object) != "ReplicaSet")
        result.removed.push_back(object::describe(object));
    }
    remove_owned(objects, workload);
    wait_until_gone([&] { return all_gone(workload); }, "'" + workload + "'");
    for (const auto& claim : claims) {
      if (purge) session_.client.remove(kind("PersistentVolumeClaim"), object::name_of(claim));
      (purge ? result.claims_removed : result.claims_left).push_back(object::name_of(claim));
    }
    return result;
  }

  void stop(const std::string&) override {}  // a cluster's run goes on without us

  void restart(const std::string&, const json& deployment, const std::string& time) override {
    session_.client.patch(
        kind("Deployment"), object::name_of(deployment),
        {{"spec",
          {{"template",
            {{"metadata", {{"annotations", {{"kubectl.kubernetes.io/restartedAt", time}}}}}}}}}});
  }

 private:
  static std::string of_workload(const std::string& workload) {
    return std::string(workload::label_workload) + "=" + workload;
  }

  Snapshot listed(const std::string& labels) {
    Snapshot objects;
    for (const auto* one : kinds()) {
      auto items = session_.client.list(*one, {labels, ""}).items;
      std::move(items.begin(), items.end(), std::back_inserter(objects));
    }
    return objects;
  }

  /// Events have no labels; they tell why pods do not start. Rights to read them may be missing.
  Snapshot with_events(Snapshot objects) {
    if (objects.empty()) return objects;
    try {
      auto events = session_.client.list(kind("Event")).items;
      std::move(events.begin(), events.end(), std::back_inserter(objects));
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::denied) throw;
      base::log_debug(1, std::string("no events: ") + error.what());
    }
    return objects;
  }

  static std::string newest_job(kube::Client& client, const std::string& workload) {
    const auto state =
        workload::state_of(workload, client.list(kind("Job"), {of_workload(workload), ""}).items);
    constexpr std::string_view prefix = "job/";
    return state.object.starts_with(prefix) ? state.object.substr(prefix.size()) : "";
  }

  /// Asked on a connection of its own: the caller is in the middle of its streams.
  bool has_ended(const std::string& workload) {
    Session own(settings_);
    Snapshot objects;
    for (const char* word : {"Job", "Deployment"})
      for (auto& object : own.client.list(kind(word), {of_workload(workload), ""}).items)
        objects.push_back(object);
    return objects.empty() || workload::state_of(workload, objects).ended();
  }

  /// The anchor takes the others with it; what has none (a crash before it was applied, or an older
  /// anchor that is gone) is deleted by itself.
  void remove_owned(const Snapshot& objects, const std::string& workload) {
    const kube::DeleteOptions options{kube::Propagation::background, ""};
    session_.client.remove(kind("ConfigMap"), workload, options);
    for (const auto& object : objects) {
      const json& owners = workload::at(object, {"metadata", "ownerReferences"});
      const bool owned = owners.is_array() && !owners.empty();
      if (!owned && !is_claim(object) && object::name_of(object) != workload)
        session_.client.remove(kind_of(object), object::name_of(object), options);
    }
  }

  bool all_gone(const std::string& workload) {
    const auto objects = listed(of_workload(workload));
    return std::all_of(objects.begin(), objects.end(), is_claim);
  }

  static void wait_until_gone(const std::function<bool()>& gone, const std::string& what) {
    constexpr auto longest = std::chrono::minutes(5);
    const auto start = base::system_clock().now();
    while (!gone()) {
      if (base::system_clock().now() - start > longest)
        throw Error(ErrorKind::timeout, what + " is being deleted, but its pods have not ended");
      base::wait_interruptible(std::chrono::milliseconds(300));
      base::throw_if_interrupted();
    }
  }

  kube::Settings settings_;
  Session session_;
  std::unique_ptr<kube::Mirror> mirror_;
  std::string mirrored_;
};

}  // namespace

std::unique_ptr<Target> make_kube_target(const kube::Settings& settings) {
  return std::make_unique<KubeTarget>(settings);
}

}  // namespace lotse::action
