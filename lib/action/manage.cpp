#include "action/manage.h"

#include "action/cluster.h"
#include "action/explaining.h"
#include "action/plan.h"
#include "action/scheduled.h"
#include "action/status.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/interrupt.h"
#include "base/number.h"
#include "base/strings.h"
#include "object/member.h"
#include "object/reference.h"

namespace lotse::action {

namespace {

using base::Error;
using base::ErrorKind;

constexpr std::string_view rollback_cause = "rollback to ";

json* object_of(Prepared& prepared, const char* kind) {
  for (auto& object : prepared.revision.objects)
    if (object::kind_of(object) == kind) return &object;
  return nullptr;
}

json* deployment_of(Prepared& prepared) {
  return object_of(prepared, "Deployment");
}

json* job_of(Prepared& prepared) {
  return object_of(prepared, "Job");
}

/// Sets the number of pods in one of its objects, which is the value `key`.
void set_number(Prepared& prepared, json& object, const char* key, int64_t count) {
  if (is_scheduled(object))
    throw Error(ErrorKind::invalid, "a schedule sets the number of pods of '" + prepared.name + "'",
                "--unrecorded sets it until the schedule's next change");
  object["spec"][count_field(object)] = count;
  auto& values = prepared.revision.values;
  if (values.is_object() && values.contains(key)) values[key] = count;
}

/// Its number is no longer the schedule's.
void take_from_schedule(json& deployment) {
  auto& metadata = deployment["metadata"];
  if (auto found = metadata.find("annotations"); found != metadata.end() && found->is_object()) {
    found->erase(workload::annotation_schedule);
    found->erase(workload::annotation_time_zone);
  }
}

/// The number to go back to where the user names none.
int64_t one_before(const std::string& name, const History& history) {
  if (history.unfinished && history.cause.starts_with(rollback_cause))
    if (const auto begun = base::to_integer(history.cause.substr(rollback_cause.size())))
      return *begun;
  int64_t before = 0;
  for (const auto& revision : history.revisions)
    if (revision.number < history.current) before = revision.number;
  if (before == 0)
    throw Error(ErrorKind::invalid, "'" + name + "' has no earlier revision to go back to",
                "`lotse history " + name + "` shows what there is");
  return before;
}

/// The current revision as a change of its objects that makes no other one of it.
Change unrecorded(Target& target, const std::string& name, const SubmitOptions& options,
                  const std::function<void(Prepared&)>& modify) {
  auto [written, history] = look_up(target, name);
  Change change;
  change.force = options.force_conflicts;
  auto prepared = recorded(target, name, history, 0);
  change.objects = {anchor_of(prepared)};
  if (!history.recorded) change.objects.push_back(secret_of(prepared, prepared.revision));
  modify(prepared);
  const auto& rest = prepared.revision.objects;
  change.objects.insert(change.objects.end(), rest.begin(), rest.end());
  change.seen = std::move(written);
  return change;
}

/// Throws Error(not_found) where there was nothing of the workload but claims, or not even those.
void check_found(Target& target, const std::string& name, const Removal& removal) {
  if (!removal.removed.empty() || !removal.claims_removed.empty()) return;
  if (removal.claims_left.empty()) status(target, name);  // says that it is not there
  throw Error(ErrorKind::not_found,
              "there is no workload '" + name + "' any more (" + target.describe() +
                  "), but it left " + base::join(removal.claims_left, ", "),
              "`lotse delete " + name + " --purge-data` deletes that with its data");
}

void check_can_pause(const workload::State& state) {
  if (state.ended())
    throw Error(ErrorKind::invalid, "'" + state.name + "' has ended: there is nothing to stop",
                "`lotse delete " + state.name + "` removes it");
  if (state.phase == workload::Phase::queued)
    throw Error(ErrorKind::invalid,
                "'" + state.name + "' waits in a queue, and there is no Kueue that knows it",
                "`lotse delete " + state.name + "` takes it out of the queue");
}

/// Kueue's Workload of a run that has not ended; nothing where Kueue does not queue it.
std::optional<json> queued_as(Target& target, const std::string& name) {
  if (target.cluster() == nullptr) return {};
  const auto objects = snapshot_of(target, name);
  const auto state = workload::state_of(name, objects);
  const json* job = objects.find("Job", state.object.substr(state.object.find('/') + 1));
  if (job == nullptr || state.ended()) return {};
  if (object::text_at(*job, {"metadata", "labels", workload::label_queue}).empty()) return {};
  return kueue_workload_of(target.cluster()->client(), *job);
}

bool is_active(const json& kueue_workload) {
  return object::at(kueue_workload, {"spec", "active"}) != false;
}

}  // namespace

Removal remove(Target& target, const std::string& name, bool purge_data) {
  auto removal = target.remove(name, purge_data);
  check_found(target, name, removal);
  return removal;
}

Removal preview_removal(Target& target, const std::string& name, bool purge_data) {
  Removal removal;
  for (const auto& object : target.written(name, {}).objects) {
    if (object::kind_of(object) != "PersistentVolumeClaim")
      removal.removed.push_back(object::describe(object));
    else
      (purge_data ? removal.claims_removed : removal.claims_left)
          .push_back(object::name_of(object));
  }
  check_found(target, name, removal);
  return removal;
}

json deployment_of(Target& target, const std::string& name) {
  for (const auto& object : snapshot_of(target, name))
    if (object::kind_of(object) == "Deployment") return object;
  throw Error(ErrorKind::invalid, "'" + name + "' is a run, not a service: it has no restart",
              "`lotse rerun " + name + "` runs it again");
}

std::string restart(Target& target, const std::string& name) {
  const auto deployment = deployment_of(target, name);
  const json annotations = {{"kubectl.kubernetes.io/restartedAt", base::timestamp_now()}};
  target.patch(name, deployment,
               {{"spec", {{"template", {{"metadata", {{"annotations", annotations}}}}}}}});
  return object::describe(deployment);
}

Prepared rollback(Target& target, const std::string& name, int64_t number) {
  auto [written, history] = look_up(target, name);
  const auto back = number == 0 ? one_before(name, history) : number;
  auto prepared = recorded(target, name, history, back);
  prepared.revision.cause = base::cat(rollback_cause, back);
  if (prepared.is_service()) prepared.seen = std::move(written);
  return prepared;
}

Prepared scale(Target& target, const std::string& name, int64_t replicas) {
  auto [written, history] = look_up(target, name);
  auto prepared = recorded(target, name, history, 0);
  json* deployment = deployment_of(prepared);
  if (deployment == nullptr)
    throw Error(ErrorKind::invalid, "'" + name + "' is a run, not a service: it has no replicas",
                "the number of a run's pods is fixed when it starts: --workers");
  set_number(prepared, *deployment, "replicas", replicas);
  prepared.revision.cause = base::cat("scale to ", replicas);
  prepared.seen = std::move(written);
  return prepared;
}

Prepared scale_least(Target& target, const std::string& name, int64_t least) {
  auto [written, history] = look_up(target, name);
  auto prepared = recorded(target, name, history, 0);
  json* autoscaler = object_of(prepared, "HorizontalPodAutoscaler");
  if (autoscaler == nullptr)
    throw Error(ErrorKind::invalid, "'" + name + "' has no autoscaler, whose least number it is",
                "--replicas is the number without one");
  const auto most = object::number_at(*autoscaler, {"spec", "maxReplicas"});
  if (least > most)
    throw Error(ErrorKind::invalid, base::cat("--min ", least, " is above its --max of ", most),
                "apply the service with another --max");
  set_number(prepared, *autoscaler, "min", least);
  prepared.revision.cause = base::cat("scale to at least ", least);
  prepared.seen = std::move(written);
  return prepared;
}

Prepared rerun(Target& target, const std::string& name) {
  auto prepared = recorded(target, name, look_up(target, name).history, 0);
  if (job_of(prepared) == nullptr)
    throw Error(ErrorKind::invalid, "'" + name + "' is a service, not a run",
                "`lotse restart " + name + "` replaces its pods");
  return prepared;
}

Change pause(Target& target, const std::string& name, const SubmitOptions& options) {
  check_can_pause(status(target, name));
  return unrecorded(target, name, options, [](Prepared& prepared) {
    for (auto& object : prepared.revision.objects)
      if (object::kind_of(object) == "CronJob") object["spec"]["suspend"] = true;
    if (json* deployment = deployment_of(prepared)) {
      (*deployment)["spec"]["replicas"] = 0;
      take_from_schedule(*deployment);
    }
    if (json* job = job_of(prepared)) (*job)["spec"]["suspend"] = true;
  });
}

Change resume(Target& target, const std::string& name, const SubmitOptions& options) {
  return unrecorded(target, name, options, [](Prepared&) {});
}

Applied set_running(Target& target, const std::string& name, bool runs,
                    const SubmitOptions& options) {
  const auto queued = queued_as(target, name);
  if (!queued) return apply(target, name, runs ? resume : pause, options);
  if (is_active(*queued) == runs) return Applied::unchanged;
  set_active(target.cluster()->client(), *queued, runs, false);
  return Applied::changed;
}

std::vector<release::ObjectChange> preview_running(Target& target, const std::string& name,
                                                   bool runs, const SubmitOptions& options) {
  const auto queued = queued_as(target, name);
  if (!queued) return preview(target, name, (runs ? resume : pause)(target, name, options));
  return release::changes({{*queued}, ""},
                          {{set_active(target.cluster()->client(), *queued, runs, true)}, ""});
}

Applied apply(Target& target, const std::string& name, MakeChange make,
              const SubmitOptions& options) {
  while (true) {
    const auto applied = target.apply(name, make(target, name, options));
    if (applied != Applied::outrun) return applied;
    base::throw_if_interrupted();
  }
}

}  // namespace lotse::action
