#include "action/plan.h"

#include <algorithm>
#include <set>

#include "action/cluster.h"
#include "action/obstacles.h"
#include "base/error.h"
#include "object/member.h"
#include "object/reference.h"

namespace lotse::action {

namespace {

using base::Error;
using base::ErrorKind;
using object::text_at;

/// The digits of the revision whose objects these are: the first one is the anchor.
std::string content_of(const json& anchor) {
  return text_at(anchor, {"metadata", "annotations", workload::annotation_revision});
}

std::string without(std::string name, const std::string& digits) {
  const auto found = digits.empty() ? std::string::npos : name.find(digits);
  return found == std::string::npos ? name : name.erase(found, digits.size());
}

/// Objects of the revision before whose names bear its digits: what is made now stands in their
/// place, so they are what it is compared with.
std::vector<json> predecessors(const Snapshot& objects, const std::string& before,
                               const std::vector<Tried>& tried, const std::string& now) {
  std::set<std::pair<std::string, std::string>> made;
  for (const auto& each : tried)
    if (each.before.is_null())
      made.emplace(object::kind_of(each.after), without(object::name_of(each.after), now));
  std::vector<json> found;
  for (const auto& object : objects)
    if (made.contains({object::kind_of(object), without(object::name_of(object), before)}))
      found.push_back(object);
  return found;
}

/// The number and cause of a revision are Lotse's own, and no change of the workload.
json without_book_keeping(json object) {
  const json::json_pointer place("/metadata/annotations");
  if (!object.contains(place) || !object[place].is_object()) return object;
  for (const char* name :
       {workload::annotation_number, workload::annotation_cause, workload::annotation_result})
    object[place].erase(name);
  return object;
}

std::vector<release::ObjectChange> compared(const std::vector<Tried>& tried,
                                            const Snapshot& objects) {
  if (tried.empty()) return {};
  release::Side before{{}, content_of(tried[0].before)};
  release::Side after{{}, content_of(tried[0].after)};
  for (const auto& each : tried) {
    if (release::is_revision(each.before) || release::is_revision(each.after)) continue;
    if (!each.before.is_null()) before.objects.push_back(without_book_keeping(each.before));
    if (!each.after.is_null()) after.objects.push_back(without_book_keeping(each.after));
  }
  for (auto& object : predecessors(objects, before.content, tried, after.content))
    before.objects.push_back(std::move(object));
  return release::changes(before, after);
}

/// What the server refuses of the objects themselves.
Obstacle refusal_of(const Error& error) {
  return {error.kind() == ErrorKind::denied ? workload::Code("AdmissionRefused")
                                            : workload::Code("SpecInvalid"),
          error.what(), true};
}

/// Who may not even look at the workload: what they lack to write it, and what the server said.
Plan blind(Cluster& cluster, const Prepared& prepared, const Error& error) {
  Plan plan;
  if (auto missing = missing_rights(cluster.client(), prepared.revision.objects))
    plan.obstacles.push_back(std::move(*missing));
  plan.obstacles.push_back({workload::Code("RightMissing"), error.what(), true});
  return plan;
}

}  // namespace

bool Plan::changes_something() const {
  return !replaced.empty() || std::any_of(changes.begin(), changes.end(), [](const auto& each) {
    return each.fate != release::Fate::unchanged;
  });
}

bool Plan::impossible() const {
  return std::any_of(obstacles.begin(), obstacles.end(),
                     [](const Obstacle& each) { return each.impossible; });
}

Plan plan(Target& target, const Prepared& prepared, const SubmitOptions& options) {
  auto* cluster = target.cluster();
  Written written;
  try {
    written = target.written(prepared.name, prepared.revision.objects);
  } catch (const Error& error) {
    if (cluster == nullptr || error.kind() != ErrorKind::denied) throw;
    return blind(*cluster, prepared, error);
  }
  const auto [change, result] =
      decide(prepared, written, history_of(prepared.name, written), options);
  Plan plan{.number = result.number, .attached = result.attached, .replaced = result.replaced};
  if (plan.attached) return plan;
  if (cluster != nullptr)
    if (auto missing = missing_rights(cluster->client(), change.objects)) {
      plan.obstacles.push_back(std::move(*missing));
      return plan;
    }
  try {
    const auto tried = target.try_out(prepared.name, change);
    plan.changes = compared(tried, written.objects);
    if (cluster != nullptr) find_obstacles(*cluster, tried, plan);
  } catch (const Error& error) {
    const bool refused = error.kind() == ErrorKind::invalid || error.kind() == ErrorKind::denied;
    if (!refused || target.is_local()) throw;
    plan.obstacles.push_back(refusal_of(error));
  }
  return plan;
}

std::vector<release::ObjectChange> preview(Target& target, const std::string& name,
                                           const Change& change) {
  return compared(target.try_out(name, change), change.seen.objects);
}

}  // namespace lotse::action
