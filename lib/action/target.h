#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "workload/state.h"

namespace lotse::action {

using workload::json;
using workload::Snapshot;

struct LogOptions {
  bool follow = false;
  std::optional<int64_t> tail = {};       ///< last lines of each pod
  std::optional<std::string> since = {};  ///< RFC 3339 in UTC
  bool previous = false;                  ///< of the container before its last restart
  std::optional<int64_t> rank = {};       ///< only this completion index
};

struct LogLine {
  std::string pod;
  std::optional<int64_t> rank;  ///< absent: not a pod of an Indexed Job
  std::string time;             ///< RFC 3339, may be empty
  std::string text;             ///< without the newline
  std::string container = {};   ///< "": the pod has only one
};

using LogSink = std::function<void(const LogLine&)>;

struct Removal {
  std::vector<std::string> removed;         ///< "job/NAME", ...
  std::vector<std::string> claims_removed;  ///< with purge
  std::vector<std::string> claims_left;     ///< their data is still there
};

class Cluster;

/// Where workloads run: this machine, or a namespace of a cluster. Everything above asks through
/// it, so that there is one path for both. Functions throw base::Error.
class Target {
 public:
  virtual ~Target() = default;

  virtual std::string describe() const = 0;  ///< "local", or "context NAME, namespace NS"
  virtual bool is_local() const = 0;
  virtual std::string target_namespace() const = 0;

  /// Applies the objects in the given order, the anchor first; the others, except claims, get an
  /// ownerReference to it. With `server_dry_run` nothing is kept. Returns the applied objects.
  virtual std::vector<json> apply(const std::string& workload, const std::vector<json>& objects,
                                  bool server_dry_run) = 0;

  /// Every object of one workload, Pods and Events included. Throws Error(not_found).
  virtual Snapshot snapshot(const std::string& workload) = 0;

  /// The objects of all workloads, in any order.
  virtual Snapshot list() = 0;

  /// Returns when the workload's objects may differ from when `token` was written ("" at first:
  /// at once), renewing it, or after `timeout`, or when the user interrupts.
  virtual void wait_change(const std::string& workload, std::string& token,
                           std::chrono::milliseconds timeout) = 0;

  /// Keeps how the run ended with the workload, for when its Job is gone. Does nothing where Jobs
  /// stay, or where it cannot.
  virtual void record_result(const workload::State&) {}

  /// Lines of all pods as they come; pods that start later join. With `follow` it returns when the
  /// workload has ended or is stopped, the user interrupts, or `stop` says that no more is needed
  /// than what was printed until now; `stop`, asked at least every second until it returns, may
  /// throw to leave at once.
  virtual void follow_logs(const std::string& workload, const LogOptions& options,
                           const LogSink& sink, const std::function<bool()>& stop) = 0;

  /// Deletes one object, e.g. the Job of an earlier revision, with its pods.
  virtual void remove_object(const std::string& workload, const json& object) = 0;

  /// Deletes the workload; its claims stay unless `purge`. Throws Error(not_found).
  virtual Removal remove(const std::string& workload, bool purge) = 0;

  /// Ends a local run gracefully, keeping what it wrote. Clusters have no such thing.
  virtual void stop(const std::string& workload) = 0;

  /// A rolling restart of the Deployment `name`: the pod template's annotation
  /// kubectl.kubernetes.io/restartedAt becomes `time`.
  virtual void restart(const std::string& workload, const json& deployment,
                       const std::string& time) = 0;

  virtual std::string server_version() = 0;  ///< "v1.36.3"; "" for local

  /// What only a cluster has: containers to enter, pods of our own. Null for local.
  virtual Cluster* cluster() { return nullptr; }
};

}  // namespace lotse::action
