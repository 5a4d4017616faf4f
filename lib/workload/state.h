#pragma once
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "object/snapshot.h"
#include "workload/cause.h"
#include "workload/progress.h"

/// What a workload is doing, worked out over plain Kubernetes objects: nothing here asks a server.
namespace lotse::workload {

using nlohmann::json;

/// Labels and annotations by which Lotse finds its own objects.
inline constexpr auto label_managed_by = "app.kubernetes.io/managed-by";
inline constexpr auto managed_by = "lotse";
inline constexpr auto label_workload = "lotse.dev/workload";
inline constexpr auto label_template = "lotse.dev/template";
inline constexpr auto annotation_kind = "lotse.dev/kind";
inline constexpr auto annotation_revision = "lotse.dev/revision";
/// Of an anchor: the number of its revision (release/revision.h), and what made it.
inline constexpr auto annotation_number = "lotse.dev/number";
inline constexpr auto annotation_cause = "lotse.dev/cause";
/// Of an anchor while a command writes the workload: action/anchor_lock.h.
inline constexpr auto annotation_writing = "lotse.dev/writing";
inline constexpr auto annotation_url = "lotse.dev/url";  ///< of a Service of the local executor
/// Of an anchor: how the run of its revision ended, as JSON, for when its Job is gone.
inline constexpr auto annotation_result = "lotse.dev/result";
/// Of a Deployment, or its autoscaler, whose number of pods a schedule sets (object/schedule.h).
inline constexpr auto annotation_schedule = "lotse.dev/schedule";
inline constexpr auto annotation_time_zone = "lotse.dev/time-zone";
/// Of the Jobs by which that schedule sets it, and of their pods: the workload's name.
inline constexpr auto label_schedule = "lotse.dev/schedule";
/// Of a Job that Kueue suspends and admits.
inline constexpr auto label_queue = "kueue.x-k8s.io/queue-name";
/// Of Kueue's Workload of a Job.
inline constexpr auto label_job_uid = "kueue.x-k8s.io/job-uid";

/// Of one workload: every object that belongs to it, as the server (or the local executor) shows
/// them: the anchor ConfigMap, Jobs, Deployments, ReplicaSets, Pods, Services, claims, Events; and,
/// as far as `explaining` asks for them, what others made for it.
using object::Snapshot;

enum class Phase {
  pending,    ///< nothing runs yet
  queued,     ///< suspended until its queue admits it
  starting,   ///< pods exist, not all of them run or are ready
  running,    ///< a Job whose pods run
  ready,      ///< a Deployment that answers with all its pods
  succeeded,  ///< a Job that is complete
  failed,     ///< a Job that failed for good, or a Deployment that gave up
  stopped,    ///< suspended, or scaled to nothing: somebody has to start it again
  idle,       ///< scaled to nothing by its autoscaler, which brings it back
  deleting,
  gone,  ///< neither a Job nor a Deployment is there, and nothing is known of how it ended
  lost,  ///< the local supervisor was killed
};

std::string to_string(Phase phase);  ///< "Pending", "Running", ...

/// One pod: a row of `lotse status NAME`.
struct PodState {
  std::string name;
  std::optional<int64_t> rank;  ///< completion index
  std::string phase;            ///< "Running", "Pending", "Succeeded", "Failed"
  bool ready = false;
  std::string node;
  std::string container;  ///< the first one's name, the runner's
  int64_t restarts = 0;
  std::optional<int> exit_code;  ///< of the runner's container, as it ended last
  Cause cause;                   ///< why it is not well
  std::string started;           ///< RFC 3339, may be empty
};

struct State {
  std::string name;
  std::string kind;  ///< "train", "serve", ...: the template's kind
  std::string template_name;
  int64_t revision = 0;  ///< its number; 0: it has none, or there is no anchor
  std::string created;   ///< RFC 3339
  std::string object;    ///< "job/NAME" or "deployment/NAME"; empty if it is not there
  Phase phase = Phase::pending;
  bool long_running = false;     ///< a Deployment: it is never complete
  bool is_shared = false;        ///< a Job whose pods have each a share, and need no other
  int64_t wanted = 0;            ///< pods wanted
  int64_t ready = 0;             ///< pods ready now (running, for a Job; succeeded, once complete)
  std::optional<int> exit_code;  ///< of a run that ended: contract::passed_on of container_code
  std::optional<int> container_code;  ///< what the container itself returned
  std::string reason;                 ///< why it is not well, one line
  std::vector<Cause> causes;          ///< all that is not well, ranked
  std::vector<std::string> urls;      ///< of Services: inside the cluster, or local
  std::vector<PodState> pods;         ///< of the newest Job or of the Deployment
  std::optional<Progress> progress;   ///< state_of, which sees no log, leaves it out

  bool impossible() const;  ///< no waiting cures one of the causes
  bool ended() const { return phase == Phase::succeeded || phase == Phase::failed; }
};

/// The state of the one workload whose objects these are. The Events among them may be few: those
/// about what names_in_trouble returns say all that is looked for.
State state_of(const std::string& name, const Snapshot& objects);

/// The names of the objects whose Events may say why this workload is not well; none where it is.
std::vector<std::string> names_in_trouble(const std::string& name, const Snapshot& objects);

/// Whether a Deployment has the pods that it wants, all of its present template: then its
/// ReplicaSets tell nothing more of it.
bool is_rolled_out(const json& deployment);

/// Objects that are not Lotse's and may say why a workload is as it is.
struct Explaining {
  bool autoscalers = false;         ///< HorizontalPodAutoscalers: a Deployment is there
  std::vector<std::string> queued;  ///< Kueue's Workloads of these Jobs, by their uids
  bool pod_groups = false;          ///< PodGroups: a pod that waits for a node is one of a group
};

/// What is worth asking for, of one workload or of many.
Explaining explaining(const Snapshot& objects);

/// The value of annotation_result for a Job that has ended; state_of reads it where the Job is
/// gone.
std::string result_of(const State& state, const std::string& revision);

/// The objects of many workloads, sorted into one Snapshot a workload by their label; objects
/// without it are left out. Sorted by name.
std::vector<std::pair<std::string, Snapshot>> by_workload(Snapshot objects);

/// The members of objects at which neither state_of nor names_in_trouble looks, as keys from the
/// outside in; arrays on the way stand for each of their elements. Without them a list of thousands
/// of pods is a third as long.
std::vector<std::vector<std::string_view>> unread_of_workloads();

/// What is printed by `-o json`.
json to_json(const State& state);

}  // namespace lotse::workload
