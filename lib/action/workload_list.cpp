#include "action/workload_list.h"

#include <algorithm>
#include <map>
#include <set>

#include "action/events.h"
#include "action/explaining.h"
#include "action/workload_kinds.h"
#include "base/error.h"
#include "document/raw_json.h"
#include "kube/lists.h"
#include "object/member.h"
#include "object/reference.h"
#include "workload/pod.h"

namespace lotse::action {

namespace {

using base::Error;
using base::ErrorKind;

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
  workload::Explaining asked;
};

/// Most pods are on a node: they need not be read.
void note_what_explains(std::string_view text, workload::Explaining& asked) {
  const auto its_kind = document::raw_text(text, {"kind"});
  asked.autoscalers = asked.autoscalers || its_kind == "Deployment";
  const bool waits = its_kind == "Pod" && document::raw_text(text, {"spec", "nodeName"}).empty();
  if (its_kind != "Job" && !waits) return;
  auto one = workload::explaining(Snapshot({parsed(text)}));
  asked.pod_groups = asked.pod_groups || one.pod_groups;
  std::move(one.queued.begin(), one.queued.end(), std::back_inserter(asked.queued));
}

Listed texts_by_workload(kube::Client& client) {
  Listed listed;
  auto& found = listed.texts;
  const auto kinds = kinds_of_a_workload();
  std::vector<kube::ListQuery> queries;
  for (const auto* each : kinds) queries.push_back({each, of_all_workloads()});
  Texts claims;
  std::set<std::string> anchored;
  kube::each_of_all(
      client, queries, workload::unread_of_workloads(), [&](size_t query, std::string_view object) {
        const std::string of(
            document::raw_text(object, {"metadata", "labels", workload::label_workload}));
        if (of.empty()) return;
        if (kinds[query] == &config_map() && document::raw_text(object, {"metadata", "name"}) == of)
          anchored.insert(of);
        (kinds[query] == &claim() ? claims : found)[of].emplace_back(object);
        note_what_explains(object, listed.asked);
      });
  for (auto& [of, texts] : claims)
    if (anchored.contains(of)) std::move(texts.begin(), texts.end(), std::back_inserter(found[of]));
  return listed;
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
  const auto found = texts_by_workload(client);
  const auto explained = by_subject(explaining_objects(client, found.asked));
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
  kube::each_of_all(client, {{&config_map(), of_all_workloads()}}, {{"data"}},
                    [&](size_t, std::string_view map) {
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
