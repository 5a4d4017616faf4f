#include "action/workload_list.h"

#include <algorithm>
#include <map>
#include <set>

#include "action/events.h"
#include "action/explaining.h"
#include "action/workload_kinds.h"
#include "base/error.h"
#include "base/strings.h"
#include "document/raw_json.h"
#include "kube/lists.h"
#include "object/member.h"
#include "object/reference.h"
#include "workload/pod.h"

namespace lotse::action {

namespace {

using base::Error;
using base::ErrorKind;
using object::Kind;

const Kind& deployments() {
  return kind("apps/v1", "Deployment");
}
const Kind& replica_sets() {
  return kind("apps/v1", "ReplicaSet");
}
const Kind& autoscalers() {
  return kind("autoscaling/v2", "HorizontalPodAutoscaler");
}

json parsed(std::string_view text) {
  json object = json::parse(text, nullptr, false);
  if (!object.is_object()) throw Error(ErrorKind::failed, "the server's answer is not JSON");
  return object;
}

std::string workload_of(const json& object) {
  return object::text_at(object, {"metadata", "labels", workload::label_workload});
}

/// Of an Event, and of what explaining_objects finds: the name of what it is about; a PodGroup's
/// own.
std::string subject_name(const json& object) {
  const auto kind = object::kind_of(object);
  if (kind == "HorizontalPodAutoscaler")
    return object::text_at(object, {"spec", "scaleTargetRef", "name"});
  if (kind == "PodGroup") return object::name_of(object);
  const auto& owners = object::list_at(object, {"metadata", "ownerReferences"});
  if (kind == "Workload") return owners.empty() ? "" : object::text_at(owners[0], {"name"});
  return object::text_at(object::subject_of(object), {"name"});
}

using Texts = std::map<std::string, std::vector<std::string>>;

struct Listed {
  Texts texts;  ///< the objects of every workload as JSON; claims that one left behind are not it
  std::vector<json> autoscalers;
  workload::Explaining asked;          ///< but for autoscalers
  std::vector<std::string> unsettled;  ///< workloads whose Deployment is not as it is wanted
};

/// Most pods are on a node: they need not be read.
void note_what_explains(std::string_view text, workload::Explaining& asked) {
  const auto its_kind = document::raw_text(text, {"kind"});
  const bool waits = its_kind == "Pod" && document::raw_text(text, {"spec", "nodeName"}).empty();
  if (its_kind != "Job" && !waits) return;
  auto one = workload::explaining(Snapshot({parsed(text)}));
  asked.pod_groups = asked.pod_groups || one.pod_groups;
  std::move(one.queued.begin(), one.queued.end(), std::back_inserter(asked.queued));
}

/// What every workload is told by. Of ConfigMaps only the anchor's annotations count, and most
/// Deployments can do without their ReplicaSets, which keep ten of earlier revisions each.
std::vector<kube::ListQuery> first_queries() {
  std::vector<kube::ListQuery> queries;
  for (const auto* each : kinds_of_a_workload())
    if (each != &replica_sets())
      queries.push_back(
          {.kind = each, .selector = of_all_workloads(), .metadata_alone = each == &config_map()});
  queries.push_back({.kind = &autoscalers(), .optional = true});
  return queries;
}

Listed texts_by_workload(kube::Client& client) {
  Listed listed;
  auto& found = listed.texts;
  const auto queries = first_queries();
  Texts claims;
  std::set<std::string> anchored;
  kube::each_of_all(
      client, queries, workload::unread_of_workloads(), [&](size_t query, std::string_view object) {
        const auto* of_kind = queries[query].kind;
        if (of_kind == &autoscalers()) return listed.autoscalers.push_back(parsed(object));
        const std::string of(
            document::raw_text(object, {"metadata", "labels", workload::label_workload}));
        if (of.empty()) return;
        if (of_kind == &config_map()) {
          auto& texts = found[of];
          if (document::raw_text(object, {"metadata", "name"}) != of) return;
          anchored.insert(of);
          return void(texts.emplace_back(object));
        }
        (of_kind == &claim() ? claims : found)[of].emplace_back(object);
        note_what_explains(object, listed.asked);
        if (of_kind == &deployments() && !workload::is_rolled_out(parsed(object)))
          listed.unsettled.push_back(of);
      });
  for (auto& [of, texts] : claims)
    if (anchored.contains(of)) std::move(texts.begin(), texts.end(), std::back_inserter(found[of]));
  return listed;
}

/// Of few workloads only theirs.
void add_replica_sets(kube::Client& client, const std::vector<std::string>& workloads,
                      Texts& texts) {
  constexpr size_t few = 20;
  if (workloads.empty()) return;
  auto selector = of_all_workloads();
  if (workloads.size() <= few)
    selector.labels +=
        base::cat(",", workload::label_workload, " in (", base::join(workloads, ","), ")");
  kube::each_of_all(client,
                    {{.kind = &replica_sets(), .selector = selector, .metadata_alone = true}},
                    workload::unread_of_workloads(), [&](size_t, std::string_view set) {
                      const std::string of(document::raw_text(
                          set, {"metadata", "labels", workload::label_workload}));
                      if (const auto found = texts.find(of); found != texts.end())
                        found->second.emplace_back(set);
                    });
}

Snapshot objects_in(const std::vector<std::string>& texts) {
  Snapshot objects;
  for (const auto& text : texts) objects.add(parsed(text));
  return objects;
}

using BySubject = std::multimap<std::string, json>;

/// By the name of what they are about.
BySubject by_subject(std::vector<json> objects) {
  BySubject sorted;
  for (auto& object : objects) {
    auto subject = subject_name(object);
    sorted.emplace(std::move(subject), std::move(object));
  }
  return sorted;
}

/// With those of `others` that are about objects of these names.
Snapshot with_related(Snapshot objects, const BySubject& others) {
  std::set<std::string> names;
  for (const auto& object : objects) {
    names.insert(object::name_of(object));
    if (object::kind_of(object) == "Pod") names.insert(workload::pod_group_of(object));
  }
  for (const auto& name : names) {
    const auto [begin, end] = others.equal_range(name);
    for (auto each = begin; each != end; ++each) objects.add(each->second);
  }
  return objects;
}

}  // namespace

/// What is listed is kept as text, a tenth of what it takes as values, until its workload's turn.
bool list_workloads(kube::Client& client, const Visit& visit) {
  auto found = texts_by_workload(client);
  add_replica_sets(client, found.unsettled, found.texts);
  auto others = explaining_objects(client, found.asked);
  std::move(found.autoscalers.begin(), found.autoscalers.end(), std::back_inserter(others));
  const auto explained = by_subject(std::move(others));
  std::map<std::string, std::vector<std::string>> troubled;
  std::set<std::string> subjects;
  for (const auto& [name, texts] : found.texts) {
    const auto objects = with_related(objects_in(texts), explained);
    const auto names = workload::names_in_trouble(name, objects);
    if (names.empty()) {
      visit(name, objects);
    } else {
      subjects.insert(names.begin(), names.end());
      troubled[name] = names;
    }
  }
  const auto events = by_subject(events_about(client, {subjects.begin(), subjects.end()}));
  for (const auto& [name, names] : troubled)
    visit(name, with_related(with_related(objects_in(found.texts.at(name)), explained), events));
  return !found.texts.empty();
}

std::vector<std::string> list_names(kube::Client& client) {
  std::vector<std::string> found;
  const kube::ListQuery maps{
      .kind = &config_map(), .selector = of_all_workloads(), .metadata_alone = true};
  kube::each_of_all(client, {maps}, {}, [&](size_t, std::string_view map) {
    const auto name = document::raw_text(map, {"metadata", "name"});
    const document::RawPath of = {"metadata", "labels", workload::label_workload};
    if (name == document::raw_text(map, of)) found.emplace_back(name);
  });
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<Orphan> list_orphans(kube::Client& client) {
  const auto ours = of_all_workloads();
  std::set<std::string> used, anchored;
  std::vector<Orphan> claims;
  kube::each_of_all(
      client, {{&claim(), ours}, {&config_map(), ours}, {&kind("v1", "Pod"), {}}},
      workload::unread_of_workloads(), [&](size_t, std::string_view text) {
        const auto object = parsed(text);
        if (object::kind_of(object) == "Pod")
          for (auto& name : workload::claims_of(object::at(object, {"spec"})))
            used.insert(std::move(name));
        else if (is_anchor(object, workload_of(object)))
          anchored.insert(workload_of(object));
        else if (object::kind_of(object) == claim().kind)
          claims.push_back({object::name_of(object), workload_of(object),
                            object::text_at(object, {"spec", "resources", "requests", "storage"}),
                            object::text_at(object, {"metadata", "creationTimestamp"})});
      });
  std::erase_if(claims, [&](const Orphan& each) {
    return anchored.contains(each.workload) || used.contains(each.claim);
  });
  return claims;
}

}  // namespace lotse::action
