#include "action/cluster_write.h"

#include <algorithm>
#include <optional>

#include "action/anchor_lock.h"
#include "action/claims.h"
#include "action/scheduled.h"
#include "action/workload_kinds.h"
#include "base/error.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "base/strings.h"
#include "crypto/digest.h"
#include "kube/mirror.h"
#include "object/member.h"
#include "object/reference.h"
#include "object/run_name.h"
#include "release/revision.h"

namespace lotse::action {

namespace {

using base::Error;
using base::ErrorKind;
using object::Kind;

/// Throws Error(invalid) for a kind that Lotse does not know.
const Kind& kind_of(const json& object) {
  const auto version = object::text_at(object, {"apiVersion"});
  if (const auto* known = object::find_kind(version, object::kind_of(object))) return *known;
  throw Error({{object::describe(object),
                "lotse knows no kind '" + object::kind_of(object) + "' in " + version, ""}});
}

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

/// A field of the spec, as managedFields name it.
bool have_others_set(const json& live, const char* field) {
  const json& managers = object::at(live, {"metadata", "managedFields"});
  return managers.is_array() &&
         std::any_of(managers.begin(), managers.end(), [&](const json& each) {
           return object::text_at(each, {"manager"}) != kube::Client::field_manager &&
                  object::at(each, {"fieldsV1", "f:spec", field}).is_object();
         });
}

/// One write of one workload. The first object is the anchor.
class Writer {
 public:
  Writer(kube::Client& client, const std::string& workload, const Change& change)
      : client_(client), workload_(workload), change_(change), wanted_(change.objects) {}

  /// Finds what is there under the names of the objects. Throws Error(conflict) listing what may
  /// not be written.
  void look() {
    std::vector<std::string> problems;
    for (const auto& object : wanted_) {
      const json* live =
          change_.seen.objects.find(object::kind_of(object), object::name_of(object));
      live_.push_back(live == nullptr ? json() : *live);
      if (live != nullptr) note_problem(*live, problems);
    }
    throw_if_any(problems);
    find_pruned();
    leave_replicas_to_autoscalers();
    counts_.leave(wanted_, live_);
    leave_suspension_to_queues();
  }

  /// What the server would make of the anchor; null if it is no longer as it was seen. Throws
  /// Error(conflict) if somebody else has a ConfigMap of that name.
  json try_anchor() {
    try {
      if (live_[0].is_null()) return client_.create(wanted_[0], true);
      const auto change = anchor_change(live_[0], wanted_[0]);
      return client_.patch(kind_of(wanted_[0]), workload_, change, true);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::conflict && error.kind() != ErrorKind::not_found) throw;
    }
    refuse_anchor_of_others();
    return {};
  }

  /// Tries the objects behind the anchor on the server. Throws Error(conflict) with what is not the
  /// workload's and with the fields of others in all of them. True if something would change.
  bool try_others() {
    bool changes = false;
    std::vector<std::string> problems;
    std::vector<std::string> conflicts;
    tried_.resize(wanted_.size());
    for (size_t i = 1; i < wanted_.size(); ++i) {
      if (!stays(i) && live_[i].is_null()) try_new(i, problems);
      tried_[i].before = live_[i];
      if (stays(i)) tried_[i].after = live_[i];
      try {
        // Of one that goes before it is made anew, nobody's fields are in the way.
        const bool force = change_.force || (!live_[i].is_null() && is_removed(live_[i]));
        if (tried_[i].after.is_null())
          tried_[i].after = client_.apply(owned(i, live_[0]), {.dry_run = true, .force = force});
        changes |= content_of(tried_[i].after) != content_of(live_[i]);
      } catch (const Error& error) {
        if (error.kind() == ErrorKind::denied) refuse_grant(wanted_[i], error);
        if (error.kind() != ErrorKind::conflict) throw;
        conflicts.emplace_back(error.what());
      }
    }
    throw_if_any(problems);
    if (conflicts.empty()) return changes;
    throw Error(ErrorKind::conflict, base::join(conflicts, "\n"),
                "other field managers own these fields: --force-conflicts takes them");
  }

  /// Whether the anchor would become another one. The server is not asked: nothing is written
  /// before the anchor, so that its own refusal comes in time.
  bool changes_anchor() const {
    if (live_[0].is_null()) return true;
    json changed = live_[0];
    changed.merge_patch(anchor_change(live_[0], wanted_[0]));
    return changed != live_[0];
  }

  /// What the tries answered, `anchor` for the anchor, and what would be pruned.
  std::vector<Tried> tried(json anchor) const {
    auto all = tried_;
    all[0] = {live_[0], std::move(anchor)};
    for (const auto& object : pruned_) all.push_back({object, json()});
    return all;
  }

  bool has_to_remove() const { return !change_.remove.empty() || !pruned_.empty(); }
  bool has_to_count() const { return counts_.any(); }

  /// False if the anchor is no longer as it was seen. Throws as try_anchor does.
  bool write() {
    auto lock = AnchorLock::take(client_, live_[0], wanted_[0], content());
    if (!lock) {
      refuse_anchor_of_others();
      return false;
    }
    size_t begun = 1;
    try {
      for (const auto& object : change_.remove)
        remove_and_wait(client_, object, [&] { lock->renew(); });
      if (!live_[0].is_null()) remove_unused_config_maps(lock->anchor());
      for (; begun < wanted_.size(); ++begun) {
        lock->renew();
        if (!stays(begun) && !is_as_wanted(begun))
          client_.apply(owned(begun, lock->anchor()), {.force = change_.force});
      }
      for (const auto& object : pruned_) remove(object);
      counts_.set(client_, wanted_, tried_);
    } catch (const Error&) {
      take_back(*lock, std::min(begun + 1, wanted_.size()));
      throw;
    }
    lock->release();
    return true;
  }

 private:
  /// Names what is written, for AnchorLock. A command that does the same at another moment writes
  /// the same, but for the time in its revision.
  std::string content() const {
    constexpr size_t digits = 16;
    json named = json::array();
    for (const auto& object : change_.objects)
      if (!release::is_revision(object)) named.push_back(object);
    return crypto::sha256(named.dump()).substr(0, digits);
  }

  static void throw_if_any(const std::vector<std::string>& problems) {
    if (!problems.empty())
      throw Error(ErrorKind::conflict, base::join(problems, "\n"), "choose another --name");
  }

  void refuse_anchor_of_others() const {
    if (!live_[0].is_null()) return;
    std::vector<std::string> problems;
    if (const auto there = client_.find(kind_of(wanted_[0]), workload_))
      note_problem(*there, problems);
    throw_if_any(problems);
  }

  /// One that the workload does not have. To create it tells, where applying would not, that
  /// somebody else has one of that name.
  void try_new(size_t i, std::vector<std::string>& problems) {
    try {
      tried_[i].after = client_.create(owned(i, live_[0]), true);
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::not_found && waits_for_its_role(i)) {
        tried_[i].after = wanted_[i];
        return;
      }
      if (error.kind() != ErrorKind::conflict) throw;
      live_[i] = client_.find(kind_of(wanted_[i]), object::name_of(wanted_[i])).value_or(json());
      if (!live_[i].is_null()) note_problem(live_[i], problems);
    }
  }

  /// The server takes a RoleBinding of those who do not have all rights only once its Role is
  /// there, which says what they hand on. That one was tried before.
  bool waits_for_its_role(size_t i) const {
    if (object::kind_of(wanted_[i]) != "RoleBinding") return false;
    const auto role = object::text_at(wanted_[i], {"roleRef", "name"});
    return std::any_of(wanted_.begin(), wanted_.end(), [&](const json& object) {
      return object::kind_of(object) == "Role" && object::name_of(object) == role;
    });
  }

  /// Kinds that nothing is wanted of any more were not looked at.
  void find_pruned() {
    for (const auto& object : change_.prune) {
      const json* seen =
          change_.seen.objects.find(object::kind_of(object), object::name_of(object));
      auto live = seen != nullptr ? std::optional(*seen)
                                  : client_.find(kind_of(object), object::name_of(object));
      if (live && why_not_ours(*live, workload_).empty()) pruned_.push_back(std::move(*live));
    }
  }

  void remove(const json& object) {
    client_.remove(kind_of(object), object::name_of(object),
                   {kube::Propagation::background, object::uid_of(object)});
  }

  void note_problem(const json& live, std::vector<std::string>& problems) const {
    const auto why = why_not_ours(live, workload_);
    if (!why.empty())
      problems.push_back(object::describe(live) + " " + why +
                         (is_claim(live) ? "; --output volume:" + object::name_of(live) +
                                               "/ writes into it all the same"
                                         : ""));
    else if (is_being_deleted(live) && !is_removed(live))
      problems.push_back(object::describe(live) + " is being deleted: try again in a moment");
  }

  bool is_removed(const json& live) const {
    return std::any_of(change_.remove.begin(), change_.remove.end(), [&](const json& object) {
      return object::uid_of(object) == object::uid_of(live);
    });
  }

  /// A claim outlives its workload and cannot be changed, and a revision never changes: one that is
  /// there is used as it is.
  bool stays(size_t i) const {
    return (is_claim(wanted_[i]) || release::is_revision(wanted_[i])) && !live_[i].is_null();
  }

  /// It was tried under the same owner, and nothing changed, not even who sets which field.
  bool is_as_wanted(size_t i) const {
    return !live_[0].is_null() && !live_[i].is_null() && !is_removed(live_[i]) &&
           tried_[i].after == live_[i];
  }

  json owned(size_t i, const json& anchor) const {
    json object = wanted_[i];
    if (is_claim(object) || anchor.is_null()) return object;
    object["metadata"]["ownerReferences"] = {object::owner_reference(anchor)};
    object::name_run(object, object::uid_of(anchor));
    return object;
  }

  void leave_replicas_to_autoscalers() {
    if (change_.force) return;
    for (size_t i = 0; i < wanted_.size(); ++i) {
      if (object::kind_of(wanted_[i]) != "Deployment" || live_[i].is_null()) continue;
      const auto before = object::at(wanted_[i], {"spec", "replicas"});
      const auto now = object::at(live_[i], {"spec", "replicas"});
      if (now == before) continue;
      wanted_[i] = without_scaled_replicas(std::move(wanted_[i]), live_[i], autoscalers());
      if (object::at(wanted_[i], {"spec", "replicas"}) != before)
        base::log_warning(base::cat(object::describe(live_[i]), " keeps its ", now.dump(),
                                    " replicas: an autoscaler sets them (--force-conflicts sets ",
                                    before.dump(), ")"));
    }
  }

  /// A Job that a queue has admitted runs on, though what was applied says that it waits.
  void leave_suspension_to_queues() {
    if (change_.force) return;
    for (size_t i = 0; i < wanted_.size(); ++i) {
      const bool queued =
          !object::text_at(wanted_[i], {"metadata", "labels", workload::label_queue}).empty();
      if (object::kind_of(wanted_[i]) != "Job" || !queued || live_[i].is_null()) continue;
      if (!is_removed(live_[i]) && have_others_set(live_[i], "f:suspend"))
        wanted_[i]["spec"]["suspend"] = object::at(live_[i], {"spec", "suspend"});
    }
  }

  /// Those that are there, and those that come with this change. Without the right to see them
  /// there are none: a conflict then tells of the field.
  std::vector<json> autoscalers() {
    const auto& of = kind("autoscaling/v2", "HorizontalPodAutoscaler");
    std::vector<json> all;
    try {
      all = client_.list(of).items;
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::denied) throw;
    }
    for (const auto& object : wanted_)
      if (object::kind_of(object) == of.kind) all.push_back(object);
    return all;
  }

  /// Deletes what was made of the first `count` objects, the anchor last, and puts back the one
  /// that was there; nothing if another command has taken over. That the cause came through a
  /// broken connection does not say that nothing was made, so the server is asked.
  void take_back(AnchorLock& lock, size_t count) {
    base::forget_interrupt();
    try {
      if (!lock.is_held()) return;
      for (size_t i = count; i-- > 1;) {
        if (!live_[i].is_null()) continue;
        const auto made = client_.find(kind_of(wanted_[i]), object::name_of(wanted_[i]));
        if (made && why_not_ours(*made, workload_).empty()) remove(*made);
      }
      lock.undo();
    } catch (const Error& error) {
      base::log_warning("what was written of '" + workload_ +
                        "' could not be taken back: " + error.what() +
                        "; `lotse delete` removes it, the same command goes on with it");
    }
  }

  /// A ConfigMap too many is no reason to fail.
  void remove_unused_config_maps(const json& anchor) {
    try {
      std::vector<json> maps;
      for (const json* map : change_.seen.objects.of_kind("ConfigMap")) maps.push_back(*map);
      auto unused = unused_config_maps(maps, anchor, wanted_);
      if (!unused.empty()) unused = unused_config_maps(unused, anchor, users_of_config_maps());
      for (const auto& map : unused) remove(map);
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::interrupted) throw;
      base::log_warning(std::string("ConfigMaps of earlier revisions stay: ") + error.what());
    }
  }

  /// A rollback to a revision that a Deployment keeps needs what its ReplicaSet mounts.
  std::vector<json> users_of_config_maps() {
    std::vector<json> users;
    for (const char* its_kind : {"Job", "Deployment"})
      for (const json* object : change_.seen.objects.of_kind(its_kind))
        if (!is_removed(*object)) users.push_back(*object);
    if (change_.seen.objects.of_kind("Deployment").empty()) return users;
    const kube::Selector ours{std::string(workload::label_workload) + "=" + workload_, ""};
    for (auto& set : client_.list(kind("apps/v1", "ReplicaSet"), ours).items)
      users.push_back(std::move(set));
    return users;
  }

  kube::Client& client_;
  const std::string& workload_;
  const Change& change_;
  std::vector<json> wanted_;
  std::vector<json> live_;    ///< beside `wanted_`; null: not there
  std::vector<Tried> tried_;  ///< beside `wanted_`
  std::vector<json> pruned_;  ///< of those that `change_` prunes, the ones that are there
  ScheduledCounts counts_;
};

bool is_scaled_by(const json& deployment, const json& autoscaler) {
  return object::text_at(autoscaler, {"spec", "scaleTargetRef", "kind"}) == "Deployment" &&
         object::text_at(autoscaler, {"spec", "scaleTargetRef", "name"}) ==
             object::name_of(deployment);
}

}  // namespace

std::string why_not_ours(const json& live, const std::string& workload) {
  const auto label = [&](const char* name) {
    return object::text_at(live, {"metadata", "labels", name});
  };
  if (label(workload::label_managed_by) != workload::managed_by)
    return "is there already and is not Lotse's";
  const auto its = label(workload::label_workload);
  if (its == workload) return "";
  return its.empty() ? "is there already and belongs to no workload"
                     : "belongs to the workload '" + its + "'";
}

json without_scaled_replicas(json wanted, const json& live, const std::vector<json>& autoscalers) {
  const bool scaled =
      std::any_of(autoscalers.begin(), autoscalers.end(),
                  [&](const json& autoscaler) { return is_scaled_by(wanted, autoscaler); });
  if (!scaled) return wanted;
  if (have_others_set(live, "f:replicas"))
    wanted["spec"].erase("replicas");
  else
    wanted["spec"]["replicas"] = object::at(live, {"spec", "replicas"});
  return wanted;
}

std::vector<json> unused_config_maps(const std::vector<json>& maps, const json& anchor,
                                     const std::vector<json>& users) {
  std::vector<std::string> used;
  used.reserve(users.size());
  for (const auto& user : users) used.push_back(user.dump());
  std::vector<json> unused;
  for (const auto& map : maps) {
    const auto quoted = json(object::name_of(map)).dump();
    if (object::is_owned_by(map, anchor) &&
        std::none_of(used.begin(), used.end(), [&](const std::string& text) {
          return text.find(quoted) != std::string::npos;
        }))
      unused.push_back(map);
  }
  return unused;
}

Applied write_workload(kube::Client& client, const std::string& workload, const Change& change) {
  check_claims(client, change.objects);
  Writer writer(client, workload, change);
  writer.look();
  const bool changes = writer.try_others();
  if (!changes && !writer.changes_anchor() && !writer.has_to_remove() && !writer.has_to_count())
    return Applied::unchanged;
  return writer.write() ? Applied::changed : Applied::outrun;
}

std::vector<Tried> try_workload(kube::Client& client, const std::string& workload,
                                const Change& change) {
  Writer writer(client, workload, change);
  writer.look();
  auto anchor = writer.try_anchor();
  writer.try_others();
  return writer.tried(std::move(anchor));
}

void remove_and_wait(kube::Client& client, const json& object,
                     const std::function<void()>& meanwhile) {
  constexpr std::chrono::seconds longest{120};
  const auto& of = kind_of(object);
  const auto name = object::name_of(object);
  try {
    client.remove(of, name, {kube::Propagation::foreground, object::uid_of(object)});
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::conflict) throw;  // it is gone, and another one has its name
  }
  kube::Mirror mirror(client, {&of}, {"", "metadata.name=" + name});
  const auto end = std::chrono::steady_clock::now() + longest;
  const auto is_there = [&] {
    const auto objects = mirror.objects();
    return std::any_of(objects.begin(), objects.end(), [&](const json& other) {
      return object::uid_of(other) == object::uid_of(object);
    });
  };
  while (is_there()) {
    if (std::chrono::steady_clock::now() > end)
      throw Error(ErrorKind::timeout, object::describe(object) + " is still being deleted",
                  "`lotse status` shows when it is gone");
    mirror.wait(std::chrono::seconds(1));
    if (meanwhile) meanwhile();
    base::throw_if_interrupted();
  }
}

}  // namespace lotse::action
