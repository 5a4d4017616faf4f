#pragma once
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "object/log_line.h"
#include "workload/state.h"

namespace lotse::action {

using object::LogLine;
using object::LogOptions;
using object::LogSink;
using workload::json;
using workload::Snapshot;

/// A workload as far as commands write it.
struct Written {
  std::string version = {};          ///< names this state; "": it is not there
  Snapshot objects = {};             ///< neither pods nor what controllers made; of a workload that
                                     ///< is not there, what it left; its revisions among them
  std::vector<json> revisions = {};  ///< the Secrets (release/revision.h) that keep its revisions
};

/// What is to become of a workload.
struct Change {
  std::vector<json> objects;      ///< in the order in which they are applied, the anchor first
  Written seen = {};              ///< what it was decided by
  std::vector<json> remove = {};  ///< Jobs of before, deleted first
  std::vector<json> prune = {};   ///< what no revision has any more, deleted last if it is there
  bool force = false;             ///< take fields that other field managers own
};

enum class Applied {
  changed,
  unchanged,  ///< all was so already: nothing was written
  outrun,     ///< another command was faster: nothing was written
};

/// An object as it is, and as applying would make it. Null: it is not there.
struct Tried {
  json before;
  json after;
};

struct Removal {
  std::vector<std::string> removed;         ///< "job/NAME", ...
  std::vector<std::string> claims_removed;  ///< with purge
  std::vector<std::string> claims_left;     ///< their data is still there
};

/// A claim that its workload left behind, and that no pod mounts.
struct Orphan {
  std::string claim;
  std::string workload;  ///< it was of
  std::string size;      ///< "10Gi"; "" where it is a folder
  std::string created;   ///< RFC 3339; "" where nobody knows
};

using Visit = std::function<void(const std::string& workload, const Snapshot& objects)>;

class Cluster;

/// Where workloads run: this machine, or a namespace of a cluster. Everything above asks through
/// it, so that there is one path for both. Functions throw base::Error.
class Target {
 public:
  virtual ~Target() = default;

  virtual std::string describe() const = 0;  ///< "local", or "context NAME, namespace NS"
  virtual bool is_local() const = 0;
  virtual std::string target_namespace() const = 0;

  /// Carries out a change; all objects except claims are owned by the anchor. Where another command
  /// has written since `change.seen` it is outrun, and is to be decided anew. Throws
  /// Error(conflict) if what is there under these names is not this workload's, if another command
  /// changes it at this moment, or if others own fields of it.
  virtual Applied apply(const std::string& workload, const Change& change) = 0;

  /// The checks of `apply` and what would come of it, object by object in the order of
  /// `change.objects`, then what would be pruned; nothing is kept.
  virtual std::vector<Tried> try_out(const std::string& workload, const Change& change) = 0;

  /// The workload as it is now: its objects of the kinds of `wanted`, or, where nothing is wanted
  /// yet, of all kinds that templates have, and always its anchor and Jobs. What another command
  /// writes after this, `apply` notices.
  virtual Written written(const std::string& workload, const std::vector<json>& wanted) = 0;

  /// Every object of one workload, Pods and Events included. Throws Error(not_found).
  virtual Snapshot snapshot(const std::string& workload) = 0;

  /// The objects of all workloads, in any order; as each_workload hands them out.
  virtual Snapshot list() = 0;

  /// Hands out each workload with its objects, Pods and Events included, in any order. What
  /// workload::state_of does not look at may be left out: members, ConfigMaps but the anchor, the
  /// ReplicaSets of a Deployment that has all its pods.
  virtual void each_workload(const Visit& visit) {
    for (const auto& [name, objects] : workload::by_workload(list())) visit(name, objects);
  }

  /// The names of all workloads, sorted, for completion: quick even where there are hundreds.
  virtual std::vector<std::string> names() {
    std::vector<std::string> found;
    each_workload([&](const std::string& name, const Snapshot&) { found.push_back(name); });
    std::sort(found.begin(), found.end());
    return found;
  }

  /// Claims of workloads that are gone, by name.
  virtual std::vector<Orphan> orphans() = 0;

  /// Returns when the workload's objects may differ from when `token` was written ("" at first:
  /// at once), renewing it, or after `timeout`, or when the user interrupts.
  virtual void wait_change(const std::string& workload, std::string& token,
                           std::chrono::milliseconds timeout) = 0;

  /// Lines of all pods as they come; pods that start later join. With `follow` it returns when the
  /// workload has ended or is stopped, the user interrupts, or `stop` says that no more is needed
  /// than what was printed until now; `stop`, asked at least every second until it returns, may
  /// throw to leave at once. Throws Error(not_found).
  virtual void follow_logs(const std::string& workload, const LogOptions& options,
                           const LogSink& sink, const std::function<bool()>& stop) = 0;

  /// The last lines of the log of one container of a pod that runs, if they can be had within
  /// `patience`; else none.
  virtual std::vector<LogLine> last_lines(const std::string& workload, const std::string& pod,
                                          const std::string& container, int64_t count,
                                          std::chrono::milliseconds patience) = 0;

  /// Deletes the workload, or what an interrupted removal left of it; its claims stay unless
  /// `purge`. Nothing in the answer: there was nothing.
  virtual Removal remove(const std::string& workload, bool purge) = 0;

  /// Ends a local run gracefully, keeping what it wrote. Clusters have no such thing.
  virtual void stop(const std::string& workload) = 0;

  /// A JSON merge patch (RFC 7386) of one object of the workload. With metadata.resourceVersion in
  /// it, Error(conflict) unless the object is still in that state. Throws Error(not_found).
  virtual void patch(const std::string& workload, const json& object, const json& change) = 0;

  virtual std::string server_version() = 0;  ///< "v1.36.3"; "" for local

  /// What only a cluster has: containers to enter, pods of our own. Null for local.
  virtual Cluster* cluster() { return nullptr; }
};

}  // namespace lotse::action
