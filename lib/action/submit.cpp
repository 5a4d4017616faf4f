#include "action/submit.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>

#include "action/anchor_lock.h"
#include "action/scheduled.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/interrupt.h"
#include "base/strings.h"
#include "object/member.h"
#include "object/reference.h"

namespace lotse::action {

namespace {

using base::Error;
using base::ErrorKind;

bool is_job(const json& object) {
  return object::kind_of(object) == "Job";
}

/// The Jobs that an apply would run beside: running ones with other content, and those that must be
/// gone first: ended ones with the same, which Kubernetes would not run again, and all that are
/// being deleted.
struct Before {
  bool same_runs = false;
  std::vector<json> others_running;
  std::vector<json> in_the_way;
};

Before look_at(const Prepared& prepared, const Snapshot& objects, const SubmitOptions& options) {
  Before before;
  std::string wanted;
  for (const auto& object : prepared.revision.objects)
    if (is_job(object)) wanted = object::name_of(object);
  for (const json* job : objects.of_kind("Job")) {
    const json& object = *job;
    Snapshot alone;
    for (const auto& other : objects)
      if (!is_job(other) || object::name_of(other) == object::name_of(object)) alone.add(other);
    const auto state = workload::state_of(prepared.name, alone);
    const bool runs = !state.ended() && state.phase != workload::Phase::lost &&
                      state.phase != workload::Phase::stopped &&
                      state.phase != workload::Phase::gone;
    const bool same = object::name_of(object) == wanted;
    if (object::at(object, {"metadata", "deletionTimestamp"}).is_string() || (same && !runs))
      before.in_the_way.push_back(object);
    else if (same && !(options.rerun && options.replace))
      before.same_runs = true;
    else if (runs)
      before.others_running.push_back(object);
  }
  return before;
}

void check_kind(const Prepared& prepared, const Snapshot& objects) {
  const auto state = workload::state_of(prepared.name, objects);
  if (state.template_name.empty() || state.template_name == prepared.revision.template_name) return;
  throw Error(
      ErrorKind::conflict,
      "'" + prepared.name + "' is there already, made by the template " + state.template_name,
      "choose another --name, or `lotse delete " + prepared.name + "` first");
}

/// Null if there is none.
json anchor_in(const Snapshot& objects, const std::string& name) {
  const json* anchor = objects.find("ConfigMap", name);
  return anchor == nullptr ? json() : *anchor;
}

/// What an anchor says of the workload that it stands for.
json content_of(const json& anchor) {
  return {object::at(anchor, {"data"}),
          object::text_at(anchor, {"metadata", "annotations", workload::annotation_revision})};
}

/// The second look of a command that another one was faster than.
void check_nobody_else_changed_it(const Prepared& prepared, const json& before, const json& now) {
  const auto content = content_of(now);
  if (now.is_null() || content == content_of(before) || content == content_of(anchor_of(prepared)))
    return;
  const auto holder = holder_of(now);
  throw Error(
      ErrorKind::conflict,
      "another command changed '" + prepared.name + "' at the same moment (to revision " +
          object::text_at(now, {"metadata", "annotations", workload::annotation_revision}) +
          (holder.empty() ? "" : ", on " + holder) + ")",
      "look at it with `lotse status " + prepared.name + "`; the same command again changes it");
}

/// The revision that is written: the newest again, or one after it.
release::Revision numbered(const release::Revision& wanted, const History& history) {
  const auto& known = history.revisions;
  if (!known.empty() && is_same(known.back(), wanted)) return known.back();
  auto revision = wanted;
  revision.number = history.last + 1;
  revision.time = base::timestamp_now();
  return revision;
}

/// The anchor, the revisions that are not recorded yet, and what the revision is made of.
std::vector<json> objects_to_write(const Prepared& prepared, const History& history) {
  std::vector<json> objects = {anchor_of(prepared)};
  if (!history.recorded)
    for (const auto& known : history.revisions) objects.push_back(secret_of(prepared, known));
  if (history.find(prepared.revision.number) == nullptr)
    objects.push_back(secret_of(prepared, prepared.revision));
  const auto& rest = prepared.revision.objects;
  objects.insert(objects.end(), rest.begin(), rest.end());
  return objects;
}

/// What is known of earlier revisions and not among `wanted`. Claims stay, ConfigMaps go once
/// nothing mounts them, and the Jobs of revisions that are kept stay with what they printed.
std::vector<json> superseded(const Prepared& prepared, const History& history) {
  std::set<std::pair<std::string, std::string>> seen;
  for (const auto& object : prepared.revision.objects)
    seen.emplace(object::kind_of(object), object::name_of(object));
  const auto is_forgotten = [&](const release::Revision& revision) {
    return revision.number <= prepared.revision.number - kept_revisions;
  };
  for (const auto& revision : history.revisions)
    for (const auto& object : revision.objects)
      if (is_job(object) && !is_forgotten(revision)) seen.emplace("Job", object::name_of(object));
  std::vector<json> gone;
  for (const auto& revision : history.revisions) {
    if (is_forgotten(revision)) gone.push_back(secret_of(prepared, revision));
    for (const auto& object : revision.objects) {
      const auto kind = object::kind_of(object);
      if (kind == "PersistentVolumeClaim" || kind == "ConfigMap") continue;
      if (seen.emplace(kind, object::name_of(object)).second) gone.push_back(object);
    }
  }
  return gone;
}

}  // namespace

Decision decide(const Prepared& wanted, const Written& written, const History& history,
                const SubmitOptions& options) {
  Prepared prepared = wanted;
  prepared.revision = numbered(wanted.revision, history);
  Decision decision;
  auto& [change, result] = decision;
  result.number = prepared.revision.number;
  change.objects = objects_to_write(prepared, history);
  change.seen = written;
  change.force = options.force_conflicts;
  change.prune = superseded(prepared, history);
  if (written.version.empty()) return decision;
  check_kind(prepared, written.objects);
  const auto before = look_at(prepared, written.objects, options);
  result.attached = before.same_runs && !history.unfinished;
  if (result.attached) return decision;
  if (!before.others_running.empty() && !options.replace)
    throw Error(ErrorKind::conflict,
                "'" + prepared.name + "' still runs with other values (job/" +
                    object::name_of(before.others_running[0]) + ")",
                "wait for it, choose another --name, or --replace it");
  for (const auto& old : before.others_running)
    result.replaced.push_back("job/" + object::name_of(old));
  for (const auto* list : {&before.others_running, &before.in_the_way})
    change.remove.insert(change.remove.end(), list->begin(), list->end());
  return decision;
}

Submitted submit(Target& target, const Prepared& prepared, const SubmitOptions& options) {
  check_may_grant(target, prepared.revision.objects);
  for (const auto& folder : prepared.folders) std::filesystem::create_directories(folder);
  std::optional<json> first_seen;
  for (auto known = prepared.seen;; known.reset()) {
    const auto written = known ? *known : target.written(prepared.name, prepared.revision.objects);
    const auto seen = anchor_in(written.objects, prepared.name);
    if (!first_seen) first_seen = seen;
    auto [change, result] = decide(prepared, written, history_of(prepared.name, written), options);
    check_nobody_else_changed_it(prepared, *first_seen, seen);
    if (result.attached) return result;
    const auto applied = target.apply(prepared.name, change);
    result.unchanged = applied == Applied::unchanged;
    if (applied != Applied::outrun) return result;
    base::throw_if_interrupted();
  }
}

}  // namespace lotse::action
