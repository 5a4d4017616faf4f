#include "action/cluster_trial.h"

#include <algorithm>

#include "action/anchor_lock.h"
#include "action/cluster_write.h"
#include "action/others_fields.h"
#include "action/workload_kinds.h"
#include "base/error.h"
#include "base/log.h"
#include "base/strings.h"
#include "kube/lists.h"
#include "kube/together.h"
#include "object/member.h"
#include "object/reference.h"
#include "object/run_name.h"
#include "release/revision.h"

namespace lotse::action {

namespace {

using base::Error;
using base::ErrorKind;
using object::Kind;

bool is_claim(const json& object) {
  return object::kind_of(object) == "PersistentVolumeClaim";
}

bool is_being_deleted(const json& object) {
  return object::at(object, {"metadata", "deletionTimestamp"}).is_string();
}

/// What is asked for in an object as the server has it: without its status and who wrote it.
json content_of(json object) {
  if (object.is_null()) return object;
  object.erase("status");
  object["metadata"].erase("managedFields");
  object["metadata"].erase("resourceVersion");
  return object;
}

const Kind& replica_sets() {
  return kind("apps/v1", "ReplicaSet");
}
const Kind& autoscaler_kind() {
  return kind("autoscaling/v2", "HorizontalPodAutoscaler");
}

kube::Selector only_of(const std::string& workload) {
  return {std::string(workload::label_workload) + "=" + workload, ""};
}

void throw_if_any(const std::vector<std::string>& problems) {
  if (!problems.empty())
    throw Error(ErrorKind::conflict, base::join(problems, "\n"), "choose another --name");
}

}  // namespace

const Kind& known_kind_of(const json& object) {
  const auto version = object::text_at(object, {"apiVersion"});
  if (const auto* known = object::find_kind(version, object::kind_of(object))) return *known;
  throw Error({{object::describe(object),
                "lotse knows no kind '" + object::kind_of(object) + "' in " + version, ""}});
}

Trial::Trial(kube::Client& client, const std::string& workload, const Change& change)
    : client_(client), workload_(workload), change_(change), wanted_(change.objects) {}

void Trial::look() {
  std::vector<std::string> problems;
  for (const auto& object : wanted_) {
    const json* live = change_.seen.objects.find(object::kind_of(object), object::name_of(object));
    live_.push_back(live == nullptr ? json() : *live);
    if (live != nullptr) note_problem(*live, problems);
  }
  throw_if_any(problems);
  find_pruned();
  leave_replicas_to_autoscalers();
  counts_.leave(wanted_, live_);
  leave_suspension_to_queues();
}

json Trial::try_anchor() {
  try {
    if (live_[0].is_null()) return client_.create(wanted_[0], true);
    const auto change = anchor_change(live_[0], wanted_[0]);
    return client_.patch(known_kind_of(wanted_[0]), workload_, change, true);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::conflict && error.kind() != ErrorKind::not_found) throw;
  }
  refuse_anchor_of_others();
  return {};
}

bool Trial::try_others() {
  tried_.resize(wanted_.size());
  std::vector<size_t> trials;
  std::vector<kube::Call> calls;
  for (size_t i = 1; i < wanted_.size(); ++i) {
    tried_[i] = {live_[i], stays(i) ? live_[i] : json()};
    if (stays(i)) continue;
    trials.push_back(i);
    calls.push_back(trial_of(i));
  }
  if (may_have_config_maps_to_spare())
    calls.push_back(kube::list_call(replica_sets(), client_.name_space(), only_of(workload_)));
  const auto answers = kube::send_together(client_, calls);
  if (calls.size() > trials.size()) listed_sets_ = kube::whole_list(answers.back(), replica_sets());
  Refusals refusals;
  for (size_t k = 0; k < trials.size(); ++k) take_trial(trials[k], calls[k], answers[k], refusals);
  throw_if_any(refusals.problems);
  if (!refusals.conflicts.empty())
    throw Error(ErrorKind::conflict, base::join(refusals.conflicts, "\n"),
                "other field managers own these fields: --force-conflicts takes them");
  return std::any_of(tried_.begin() + 1, tried_.end(), [](const Tried& each) {
    return content_of(each.after) != content_of(each.before);
  });
}

bool Trial::changes_anchor() const {
  if (live_[0].is_null()) return true;
  json changed = live_[0];
  changed.merge_patch(anchor_change(live_[0], wanted_[0]));
  return changed != live_[0];
}

std::vector<Tried> Trial::tried(json anchor) const {
  auto all = tried_;
  all[0] = {live_[0], std::move(anchor)};
  counts_.show(wanted_, all);
  for (const auto& object : pruned_) all.push_back({object, json()});
  return all;
}

void Trial::refuse_anchor_of_others() const {
  if (!live_[0].is_null()) return;
  std::vector<std::string> problems;
  if (const auto there = client_.find(known_kind_of(wanted_[0]), workload_))
    note_problem(*there, problems);
  throw_if_any(problems);
}

/// By the very request that writes it: what creating would take, applying may refuse, such as a
/// variable that is there twice.
kube::Call Trial::trial_of(size_t i) const {
  // Of one that goes before it is made anew, nobody's fields are in the way.
  return kube::apply_call(known_kind_of(wanted_[i]), client_.name_space(), owned(i, live_[0]),
                          {.dry_run = true, .force = change_.force || is_removed(live_[i])});
}

void Trial::take_trial(size_t i, const kube::Call& call, const net::Response& answer,
                       Refusals& refusals) {
  constexpr int would_be_made = 201;
  const bool is_new = live_[i].is_null();
  try {
    tried_[i].after = client_.object_of(call, answer);
    if (is_new && answer.status != would_be_made) meet(i, refusals);
  } catch (Error& error) {
    error.add_context(object::describe(wanted_[i]));
    if (error.kind() == ErrorKind::denied) refuse_grant(wanted_[i], error);
    if (is_new && error.kind() == ErrorKind::not_found && waits_for_its_role(i)) {
      tried_[i].after = wanted_[i];
      return;
    }
    const bool conflict = error.kind() == ErrorKind::conflict;
    if (is_new && (conflict || error.kind() == ErrorKind::invalid) && meet(i, refusals)) return;
    if (!conflict) throw;
    try {
      if (free_replicas_.contains(i)) return take_replicas(i);
    } catch (const Error& again) {
      if (again.kind() != ErrorKind::conflict) throw;
    }
    refusals.conflicts.emplace_back(error.what());
  }
}

/// The server takes a RoleBinding of those who do not have all rights only once its Role is there,
/// which says what they hand on, and which is tried, too.
bool Trial::waits_for_its_role(size_t i) const {
  if (object::kind_of(wanted_[i]) != "RoleBinding") return false;
  const auto role = object::text_at(wanted_[i], {"roleRef", "name"});
  return std::any_of(wanted_.begin(), wanted_.end(), [&](const json& object) {
    return object::kind_of(object) == "Role" && object::name_of(object) == role;
  });
}

/// One that the workload was not seen to have: it has come meanwhile, or is somebody else's. False
/// if nobody has one of that name.
bool Trial::meet(size_t i, Refusals& refusals) {
  live_[i] = client_.find(known_kind_of(wanted_[i]), object::name_of(wanted_[i])).value_or(json());
  if (live_[i].is_null()) return false;
  tried_[i] = {live_[i], live_[i]};
  const auto before = refusals.problems.size();
  note_problem(live_[i], refusals.problems);
  if (stays(i) || refusals.problems.size() > before) return true;
  try {
    tried_[i].after = client_.apply(owned(i, live_[0]), {.dry_run = true, .force = change_.force});
  } catch (Error& error) {
    error.add_context(object::describe(wanted_[i]));
    if (error.kind() != ErrorKind::conflict) throw;
    refusals.conflicts.emplace_back(error.what());
  }
  return true;
}

/// Throws Error(conflict) if fields of others beside the replicas are in the way.
void Trial::take_replicas(size_t i) {
  auto object = owned(i, live_[0]);
  object["spec"]["replicas"] = object::at(live_[i], {"spec", "replicas"});
  client_.apply(object, {.dry_run = true});
  tried_[i].after = client_.apply(owned(i, live_[0]), {.dry_run = true, .force = true});
  taken_.insert(i);
}

/// Kinds that nothing is wanted of any more were not looked at.
void Trial::find_pruned() {
  std::vector<std::pair<const Kind*, std::string>> unseen;
  const auto note = [&](const std::optional<json>& live) {
    if (live && why_not_ours(*live, workload_).empty()) pruned_.push_back(*live);
  };
  for (const auto& object : change_.prune) {
    const auto name = object::name_of(object);
    if (const json* seen = change_.seen.objects.find(object::kind_of(object), name))
      note(*seen);
    else
      unseen.emplace_back(&known_kind_of(object), name);
  }
  for (const auto& live : kube::find_together(client_, unseen)) note(live);
}

void Trial::note_problem(const json& live, std::vector<std::string>& problems) const {
  const auto why = why_not_ours(live, workload_);
  if (!why.empty())
    problems.push_back(object::describe(live) + " " + why +
                       (is_claim(live) ? "; --output volume:" + object::name_of(live) +
                                             "/ writes into it all the same"
                                       : ""));
  else if (is_being_deleted(live) && !is_removed(live))
    problems.push_back(object::describe(live) + " is being deleted: try again in a moment");
}

bool Trial::is_removed(const json& live) const {
  return std::any_of(change_.remove.begin(), change_.remove.end(), [&](const json& object) {
    return object::uid_of(object) == object::uid_of(live);
  });
}

/// A claim outlives its workload and cannot be changed, and a revision never changes: one that is
/// there is used as it is.
bool Trial::stays(size_t i) const {
  return (is_claim(wanted_[i]) || release::is_revision(wanted_[i])) && !live_[i].is_null();
}

/// It was tried under the same owner, and nothing changed, not even who sets which field.
bool Trial::is_as_wanted(size_t i) const {
  return !live_[0].is_null() && !live_[i].is_null() && !is_removed(live_[i]) &&
         tried_[i].after == live_[i];
}

json Trial::owned(size_t i, const json& anchor) const {
  json object = wanted_[i];
  if (is_claim(object) || anchor.is_null()) return object;
  object["metadata"]["ownerReferences"] = {object::owner_reference(anchor)};
  object::name_run(object, object::uid_of(anchor));
  return object;
}

/// What an autoscaler has set that is there no longer, or goes with this change, nobody holds.
void Trial::leave_replicas_to_autoscalers() {
  if (change_.force) return;
  for (size_t i = 0; i < wanted_.size(); ++i) {
    if (object::kind_of(wanted_[i]) != "Deployment" || live_[i].is_null()) continue;
    const auto before = object::at(wanted_[i], {"spec", "replicas"});
    const auto now = object::at(live_[i], {"spec", "replicas"});
    if (now == before) continue;
    const auto scaling = autoscalers();
    if (!scaling) continue;
    if (!is_scaled(wanted_[i], *scaling) && only_autoscaler_set_replicas(live_[i]))
      free_replicas_.insert(i);
    wanted_[i] = without_scaled_replicas(std::move(wanted_[i]), live_[i], *scaling);
    if (object::at(wanted_[i], {"spec", "replicas"}) != before)
      base::log_warning(base::cat(object::describe(live_[i]), " keeps its ", now.dump(),
                                  " replicas: an autoscaler sets them (--force-conflicts sets ",
                                  before.dump(), ")"));
  }
}

/// A Job that a queue has admitted runs on, though what was applied says that it waits.
void Trial::leave_suspension_to_queues() {
  if (change_.force) return;
  for (size_t i = 0; i < wanted_.size(); ++i) {
    const bool queued =
        !object::text_at(wanted_[i], {"metadata", "labels", workload::label_queue}).empty();
    if (object::kind_of(wanted_[i]) != "Job" || !queued || live_[i].is_null()) continue;
    if (!is_removed(live_[i]) && have_others_set(live_[i], "suspend"))
      wanted_[i]["spec"]["suspend"] = object::at(live_[i], {"spec", "suspend"});
  }
}

/// Those that are there when this change has come about. Nothing without the right to see them: a
/// conflict then tells of the field.
std::optional<std::vector<json>> Trial::autoscalers() {
  std::vector<json> all;
  try {
    all = client_.list(autoscaler_kind()).items;
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::denied) throw;
    return {};
  }
  std::erase_if(all, [&](const json& each) {
    return std::any_of(pruned_.begin(), pruned_.end(), [&](const json& pruned) {
      return object::uid_of(pruned) == object::uid_of(each);
    });
  });
  for (const auto& object : wanted_)
    if (object::kind_of(object) == autoscaler_kind().kind) all.push_back(object);
  return all;
}

std::vector<json> Trial::seen_of(const char* its_kind) const {
  std::vector<json> found;
  for (const json* object : change_.seen.objects.of_kind(its_kind)) found.push_back(*object);
  return found;
}

/// What is wanted may leave one over; ReplicaSets may still mount it.
bool Trial::may_have_config_maps_to_spare() const {
  return !live_[0].is_null() && !seen_of("Deployment").empty() &&
         !unused_config_maps(seen_of("ConfigMap"), live_[0], wanted_).empty();
}

std::vector<json> Trial::config_maps_to_spare() {
  if (live_[0].is_null()) return {};
  auto unused = unused_config_maps(seen_of("ConfigMap"), live_[0], wanted_);
  if (!unused.empty()) unused = unused_config_maps(unused, live_[0], users_of_config_maps());
  return unused;
}

/// A rollback to a revision that a Deployment keeps needs what its ReplicaSet mounts.
std::vector<json> Trial::users_of_config_maps() {
  std::vector<json> users;
  for (const char* its_kind : {"Job", "Deployment"})
    for (auto& object : seen_of(its_kind))
      if (!is_removed(object)) users.push_back(std::move(object));
  if (seen_of("Deployment").empty()) return users;
  const auto sets = listed_sets_ ? *listed_sets_ : client_.list(replica_sets(), only_of(workload_));
  users.insert(users.end(), sets.items.begin(), sets.items.end());
  return users;
}

}  // namespace lotse::action
