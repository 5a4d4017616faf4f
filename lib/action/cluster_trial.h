#pragma once
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "action/scheduled.h"
#include "action/target.h"
#include "kube/client.h"

namespace lotse::action {

/// A change of a workload beside what is there of it, and what the server would make of it: all
/// that is looked at and tried before the first write. The first object is the anchor.
class Trial {
 public:
  Trial(kube::Client& client, const std::string& workload, const Change& change);

  /// Finds what is there under the names of the objects. Throws Error(conflict) listing what may
  /// not be written.
  void look();

  /// What the server would make of the anchor; null if it is no longer as it was seen. Throws
  /// Error(conflict) if somebody else has a ConfigMap of that name.
  json try_anchor();

  /// Tries the objects behind the anchor on the server, all at once. Throws Error(conflict) with
  /// what is not the workload's and with the fields of others in all of them. True if something
  /// would change.
  bool try_others();

  /// Whether the anchor would become another one. The server is not asked: nothing is written
  /// before the anchor, so that its own refusal comes in time.
  bool changes_anchor() const;
  bool has_to_count() const { return counts_.any(); }
  bool has_to_remove() const { return !change_.remove.empty() || !pruned_.empty(); }

  /// What the tries answered, `anchor` for the anchor, and what would be pruned.
  std::vector<Tried> tried(json anchor) const;

  /// What is wanted, but for what others have taken over.
  const std::vector<json>& wanted() const { return wanted_; }
  const json& live(size_t i) const { return live_[i]; }  ///< null: not there
  /// Of what the change prunes, what is there.
  const std::vector<json>& pruned() const { return pruned_; }
  /// The object as it is sent, under its anchor as the server has it (null: not yet).
  json owned(size_t i, const json& anchor) const;
  bool is_to_be_written(size_t i) const { return !stays(i) && !is_as_wanted(i); }
  bool is_forced(size_t i) const { return change_.force || taken_.contains(i); }
  /// ConfigMaps of earlier revisions that nothing mounts.
  std::vector<json> config_maps_to_spare();
  /// Numbers that schedules have set become what is wanted; after all else is.
  void set_counts() { counts_.set(client_, wanted_, tried_); }
  /// Throws Error(conflict) if somebody else has a ConfigMap of the anchor's name.
  void refuse_anchor_of_others() const;

 private:
  struct Refusals {
    std::vector<std::string> problems;   ///< what is not the workload's
    std::vector<std::string> conflicts;  ///< fields of others
  };

  kube::Call trial_of(size_t i) const;
  void take_trial(size_t i, const kube::Call& call, const net::Response& answer,
                  Refusals& refusals);
  bool waits_for_its_role(size_t i) const;
  bool meet(size_t i, Refusals& refusals);
  void take_replicas(size_t i);
  void find_pruned();
  void note_problem(const json& live, std::vector<std::string>& problems) const;
  bool is_removed(const json& live) const;
  bool stays(size_t i) const;
  bool is_as_wanted(size_t i) const;
  void leave_replicas_to_autoscalers();
  void leave_suspension_to_queues();
  std::optional<std::vector<json>> autoscalers();
  std::vector<json> seen_of(const char* its_kind) const;
  bool may_have_config_maps_to_spare() const;
  std::vector<json> users_of_config_maps();

  kube::Client& client_;
  const std::string& workload_;
  const Change& change_;
  std::vector<json> wanted_;
  std::vector<json> live_;    ///< beside `wanted_`
  std::vector<Tried> tried_;  ///< beside `wanted_`
  std::vector<json> pruned_;
  std::set<size_t> free_replicas_;  ///< Deployments whose replicas an autoscaler set that is gone
  std::set<size_t> taken_;          ///< of those, the ones that are written by force
  ScheduledCounts counts_;
  std::optional<kube::List> listed_sets_;  ///< the workload's ReplicaSets
};

/// Throws Error(invalid) for a kind that Lotse does not know.
const object::Kind& known_kind_of(const json& object);

}  // namespace lotse::action
