#pragma once
#include <optional>

#include "action/target.h"
#include "kube/client.h"

namespace lotse::action {

/// The field manager of numbers that a schedule sets, or a person in its place.
inline constexpr auto schedule_manager = "lotse-schedule";

/// The numbers of pods in one write of a workload, as far as schedules set them. A number that a
/// schedule sets stays as it is, and begins as the schedule has it at that moment: where it is new,
/// another one, or goes on after a pause. Where there is a schedule no longer, the number that it
/// has left behind is ours to change.
class ScheduledCounts {
 public:
  /// Puts into `wanted` the numbers that are to be applied; beside it what is there, or null.
  void leave(std::vector<json>& wanted, const std::vector<json>& live);
  /// Whether a number is to become another one, whatever else changes.
  bool any() const { return !counts_.empty(); }
  /// After all else is as it is wanted; `tried` is beside it.
  void set(kube::Client& client, const std::vector<json>& wanted,
           const std::vector<Tried>& tried) const;
  /// Puts into `tried` the numbers that `set` would set.
  void show(const std::vector<json>& wanted, std::vector<Tried>& tried) const;

 private:
  struct Count {
    size_t of;
    int64_t count;
  };
  std::vector<Count> due(const std::vector<json>& wanted, const std::vector<Tried>& tried) const;

  std::optional<Count> scheduled_;  ///< with the number of all other times
  std::vector<Count> counts_;       ///< what is to be set
};

/// Throws Error(denied), naming the rights and the way without them, where the user may not make
/// the objects that hand a right on: the ServiceAccount, Role and RoleBinding among `objects`.
void check_may_grant(Target& target, const std::vector<json>& objects);
/// The same for a server's refusal of `object`; returns if it is none of these.
void refuse_grant(const json& object, const base::Error& refusal);

/// The field of the spec that says how many pods there are: `replicas` of a Deployment,
/// `minReplicas` of a HorizontalPodAutoscaler. Null for other objects.
const char* count_field(const json& object);

/// Whether a schedule sets that number.
bool is_scheduled(const json& object);

/// What the object's schedule says for this moment; `otherwise` for what it does not. Nothing,
/// and a warning, where this machine does not know the time zone.
std::optional<int64_t> count_now(const json& object, int64_t otherwise);

/// Sets that number and nothing else, as `schedule_manager`: the right to patch this one object, or
/// a Deployment's scale, is enough. Throws Error(not_found), Error(denied).
void set_count(kube::Client& client, const std::string& kind, const std::string& name,
               int64_t count);

/// `lotse scale --unrecorded`: the same for a workload of a cluster: its Deployment, or, for the
/// least number, its autoscaler. Throws Error(invalid) for this machine.
void set_count(Target& target, const std::string& kind, const std::string& name, int64_t count);

}  // namespace lotse::action
