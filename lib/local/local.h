#pragma once
#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/files.h"
#include "object/log_line.h"

/// Kubernetes objects carried out as processes of this machine. Input is what `template render`
/// prints; output is the same objects with the status that the real controllers would write.
namespace lotse::local {

using nlohmann::json;
using object::LogLine;
using object::LogOptions;
using object::LogSink;

struct ApplyOptions {
  /// The hidden command that ends in supervise(): the folder is appended.
  /// Empty: this program with "__supervise".
  std::vector<std::string> supervisor_command = {};
  /// The program that stands for the image. Empty: LOTSE_RUNNER, else `lotse-runner` beside us.
  std::filesystem::path runner = {};
  /// Jobs of the manifests that have ended are started afresh, as delete and create would.
  bool rerun = false;
  /// Only if the workload is still in this state, see Store::version.
  std::optional<int> version = {};
  /// Objects that are kept beside the workload and carried out by nobody, and the names of those
  /// that are no longer kept: the revisions of a workload (Store::kept).
  std::vector<json> keep = {};
  std::vector<std::string> forget = {};
  /// First delay before a failed pod or container is started again; doubles each time. Kubernetes
  /// waits 10 s; here nobody else needs the machine's scheduler, so it is shorter.
  std::chrono::milliseconds backoff{1000};
};

class Claims;

enum class SupervisorState {
  none,     ///< nothing was ever started
  running,  ///< carries out the objects
  ended,    ///< everything there was to do is done
  stopped,  ///< by stop(): Jobs are suspended, Deployments have no pods
  lost,     ///< it was killed or the machine restarted: apply again starts it
};

struct Removal {
  std::vector<std::string> removed;         ///< "job/NAME", "pod/NAME", ...
  std::vector<std::string> claims_removed;  ///< with purge
  std::vector<std::string> claims_left;     ///< their data is still there
};

/// The local workloads under one folder. A file of theirs that is damaged is Error(failed) naming
/// it, a name that is none Error(invalid). All functions may be called by several processes at
/// once; those that change a workload hold its lock, and throw Error(conflict) if they cannot get
/// it.
class Store {
 public:
  explicit Store(std::filesystem::path root = base::state_folder() / "local");

  /// Names of the workloads, sorted.
  std::vector<std::string> workloads() const;

  /// The claims of workloads that are gone, and whose they were; by the claim's name.
  std::map<std::string, std::string> orphans() const;

  /// Checks the manifests (Error(invalid) with every mistake and every field that cannot be
  /// honoured), records them as the workload's wanted state, and starts or wakes its supervisor.
  /// Returns when recorded; nothing is ready yet. A claim of the manifests that is there but was
  /// not made by this workload is Error(conflict). False, and nothing happens, if the workload is
  /// not in the state that `options.version` names.
  bool apply(const std::string& workload, const std::vector<json>& manifests,
             const ApplyOptions& options = {});

  /// The checks of `apply` alone.
  void check(const std::string& workload, const std::vector<json>& manifests) const;

  /// A JSON merge patch (RFC 7386) of one of the manifests, known by kind and name; with
  /// metadata.resourceVersion in it, Error(conflict) unless that is still the object's. A workload
  /// that is stopped stays so. Throws Error(not_found).
  void patch(const std::string& workload, const json& object, const json& change,
             const ApplyOptions& options = {});

  /// The manifests that are wanted, as `apply` completed them; none if there is no such workload.
  std::vector<json> manifests(const std::string& workload) const;

  /// What ApplyOptions::keep named until now, by name.
  std::vector<json> kept(const std::string& workload) const;

  /// The claims that this workload has made, sorted; also one that is gone.
  std::vector<std::string> claims_of(const std::string& workload) const;

  /// Grows with every change of what is wanted; 0: there is no such workload.
  int version(const std::string& workload) const;

  /// Every object of the workload with its status: the manifests' own, then ReplicaSets and Pods.
  /// If the supervisor was lost, processes that it left are ended and the objects say so (Jobs and
  /// Deployments by a condition "SupervisorLost", pods by reason). Throws Error(not_found).
  std::vector<json> snapshot(const std::string& workload);

  SupervisorState supervisor(const std::string& workload) const;

  /// Waits until the workload's objects differ from when `token` was written ("" at first: returns
  /// at once), then renews the token. False after `timeout` or when the user interrupts.
  bool wait_change(const std::string& workload, std::string& token,
                   std::chrono::milliseconds timeout) const;

  /// Calls `sink` with the lines of all pods, oldest first; new attempts join. Returns when there
  /// is no more: at once, or with `follow` when everything has ended or `stop` says that no more is
  /// needed than what was printed until now; what `stop` throws comes out. Throws Error(not_found).
  void follow_logs(const std::string& workload, const LogOptions& options, const LogSink& sink,
                   const std::function<bool()>& stop = {}) const;

  /// The last lines, at most `count`, of what a container printed since it was started last; none
  /// if it printed nothing, or is not there.
  std::vector<LogLine> last_lines(const std::string& workload, const std::string& pod,
                                  const std::string& container, size_t count) const;

  /// Ends all pods gracefully (their own grace period, or `grace`) and waits for it. What they
  /// wrote stays; apply starts again. Returns the new version, or nothing, and nothing happens, if
  /// the workload is not in the state `version`. Without a version throws Error(not_found).
  std::optional<int> stop(const std::string& workload,
                          std::optional<std::chrono::seconds> grace = {},
                          std::optional<int> version = {});

  /// Stops and forgets the workload, also one whose files are damaged, or what an interrupted
  /// removal left of it; nothing in the answer if there is nothing. The claims that it made keep
  /// their data unless `purge`, which throws Error(conflict) before anything happens if another
  /// running workload uses one of them.
  Removal remove(const std::string& workload, bool purge,
                 std::optional<std::chrono::seconds> grace = {});

  std::filesystem::path folder(const std::string& workload) const;     ///< may not be there
  std::filesystem::path claim_folder(const std::string& claim) const;  ///< may not be there

 private:
  Claims claims() const;
  void check_not_in_use(const std::string& workload, const std::vector<std::string>& claims) const;
  bool is_readable(const std::string& workload) const;
  Removal remove_damaged(const std::string& workload);

  std::filesystem::path root_;
};

/// The supervisor of the workload in `folder`: goes into the background, and returns 0 there once
/// everything has ended. In the foreground it returns 0 as soon as the background one has taken
/// over, else 1. Nothing but this may run in a process that calls it; call it before any thread.
int supervise(const std::filesystem::path& folder);

}  // namespace lotse::local
