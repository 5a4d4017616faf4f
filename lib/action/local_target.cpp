#include "action/local_target.h"

#include "base/error.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "local/local.h"
#include "object/member.h"

namespace lotse::action {

namespace {

class LocalTarget : public Target {
 public:
  std::string describe() const override { return "local"; }
  bool is_local() const override { return true; }
  std::string target_namespace() const override { return "default"; }

  bool apply(const std::string& workload, const Change& change) override {
    local::ApplyOptions options;
    options.rerun = true;  // submit only applies what must run: what still runs is attached to
    options.version = change.seen.empty() ? 0 : std::stoi(change.seen);
    if (!change.remove.empty()) options.version = store_.stop(workload, {}, options.version);
    return options.version && store_.apply(workload, change.objects, options);
  }

  void try_out(const std::string&, const Change&) override {
    throw base::Error(base::ErrorKind::invalid, "--dry-run=server needs a cluster",
                      "this machine has no server; --dry-run renders the objects");
  }

  std::string version(const std::string& workload) override {
    const auto version = store_.version(workload);
    return version == 0 ? "" : std::to_string(version);
  }

  Snapshot snapshot(const std::string& workload) override { return store_.snapshot(workload); }

  Snapshot list() override {
    Snapshot all;
    for (const auto& name : store_.workloads()) {
      try {
        for (auto object : store_.snapshot(name)) {
          object["metadata"]["labels"][workload::label_workload] = name;
          all.add(std::move(object));
        }
      } catch (const base::Error& error) {  // one that is damaged hides no other
        base::log_warning("'" + name + "' is left out: " + error.what() + "; `lotse delete " +
                          name + "` removes it");
      }
    }
    return all;
  }

  void wait_change(const std::string& workload, std::string& token,
                   std::chrono::milliseconds timeout) override {
    store_.wait_change(workload, token, timeout);
  }

  void follow_logs(const std::string& workload, const LogOptions& options, const LogSink& sink,
                   const std::function<bool()>& stop) override {
    local::LogOptions wanted;
    wanted.follow = options.follow;
    wanted.tail = options.tail;
    wanted.since = options.since;
    wanted.previous = options.previous;
    wanted.rank = options.rank;
    store_.follow_logs(
        workload, wanted,
        [&](const local::LogLine& line) {
          sink({line.pod, line.index, line.time, line.text});
        },
        stop);
  }

  Removal remove(const std::string& workload, bool purge) override {
    const auto done = store_.remove(workload, purge);
    return {done.removed, done.claims_removed, done.claims_left};
  }

  void stop(const std::string& workload) override { store_.stop(workload); }

  void restart(const std::string& workload, const json& deployment,
               const std::string& time) override {
    std::vector<json> manifests;
    for (auto object : store_.snapshot(workload)) {
      const auto kind = object::text_at(object, {"kind"});
      if (kind == "Pod" || kind == "ReplicaSet" || kind == "Event") continue;
      object.erase("status");
      if (kind == "Deployment" && object["metadata"]["name"] == deployment["metadata"]["name"])
        object["spec"]["template"]["metadata"]["annotations"]["kubectl.kubernetes.io/restartedAt"] =
            time;
      manifests.push_back(std::move(object));
    }
    store_.apply(workload, manifests);
  }

  std::string server_version() override { return ""; }

 private:
  local::Store store_;
};

}  // namespace

std::unique_ptr<Target> make_local_target() {
  return std::make_unique<LocalTarget>();
}

}  // namespace lotse::action
