#include "action/claims.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "action/others_fields.h"
#include "base/error.h"
#include "base/log.h"
#include "base/strings.h"
#include "kube/together.h"
#include "object/member.h"
#include "object/reference.h"
#include "object/schedule.h"
#include "workload/pod.h"

namespace lotse::action {

namespace {

using nlohmann::json;
using object::at;
using object::list_at;
using object::text_at;

constexpr auto hostname = "kubernetes.io/hostname";

const json& pod_spec(const json& object) {
  return at(object, {"spec", "template", "spec"});
}

std::set<std::string> claims_needed(const std::vector<json>& objects) {
  std::set<std::string> names;
  for (const auto& object : objects)
    for (auto& name : workload::claims_of(pod_spec(object))) names.insert(std::move(name));
  for (const auto& object : objects)
    if (object::kind_of(object) == "PersistentVolumeClaim") names.erase(object::name_of(object));
  return names;
}

int64_t most_pods_of_job(const json& job) {
  const bool several = object::number_at(job, {"spec", "completions"}, 2) > 1;
  return several ? object::number_at(job, {"spec", "parallelism"}, 1) : 1;
}

int64_t most_of_schedule(const json& deployment) {
  const auto text = text_at(deployment, {"metadata", "annotations", workload::annotation_schedule});
  int64_t most = 0;
  if (!text.empty())
    for (const auto& turn : object::Schedule::parse(text).turns(0))
      most = std::max(most, turn.count);
  return most;
}

int64_t most_of_autoscalers(const json& deployment, const std::vector<json>& objects) {
  int64_t most = 0;
  for (const auto& object : objects)
    if (object::kind_of(object) == "HorizontalPodAutoscaler" && is_scaled(deployment, {object}))
      most = std::max(most, object::number_at(object, {"spec", "maxReplicas"}));
  return most;
}

constexpr auto hint_for_run =
    "--same-node holds the pods together on one node; else take a claim that is ReadWriteMany: "
    "`lotse push FOLDER volume:NAME --size 1Gi --shared` makes one";
constexpr auto hint_for_service =
    "--node-selector kubernetes.io/hostname=NODE holds the pods together on one node";

bool is_on_one_node(const json& spec) {
  const auto& terms =
      list_at(spec, {"affinity", "podAffinity", "requiredDuringSchedulingIgnoredDuringExecution"});
  return !text_at(spec, {"nodeName"}).empty() ||
         !text_at(spec, {"nodeSelector", hostname}).empty() ||
         std::any_of(terms.begin(), terms.end(),
                     [](const json& term) { return text_at(term, {"topologyKey"}) == hostname; });
}

bool is_written(const json& spec, const std::string& claim) {
  const auto& volumes = list_at(spec, {"volumes"});
  return std::any_of(volumes.begin(), volumes.end(), [&](const json& volume) {
    const json& source = at(volume, {"persistentVolumeClaim"});
    return text_at(source, {"claimName"}) == claim && !object::flag_at(source, {"readOnly"});
  });
}

using Claims = std::map<std::string, json>;

/// Of each what there is, asked for at once.
std::map<std::string, std::optional<json>> find_claims(kube::Client& client,
                                                       const std::set<std::string>& names) {
  std::vector<std::pair<const object::Kind*, std::string>> objects;
  for (const auto& name : names)
    objects.emplace_back(object::find_kind("v1", "PersistentVolumeClaim"), name);
  auto there = kube::find_together(client, objects);
  std::map<std::string, std::optional<json>> found;
  for (size_t i = 0; i < objects.size(); ++i) found[objects[i].second] = std::move(there[i]);
  return found;
}

/// The claims that have to be there.
Claims find_needed(kube::Client& client, const std::vector<json>& objects) {
  Claims found;
  std::vector<std::string> problems;
  std::string first;
  for (auto& [name, claim] : find_claims(client, claims_needed(objects))) {
    const bool leaving = claim && at(*claim, {"metadata", "deletionTimestamp"}).is_string();
    if (claim && !leaving) {
      found[name] = std::move(*claim);
      continue;
    }
    if (first.empty()) first = name;
    problems.push_back("claim '" + name + "' is " + (leaving ? "being deleted" : "not there"));
  }
  if (problems.empty()) return found;
  throw base::Error(base::ErrorKind::not_found,
                    base::join(problems, ", ") + " (namespace " + client.name_space() + ")",
                    "`lotse push FOLDER volume:" + first + " --size 1Gi` makes one and fills it");
}

/// Adds those that are made along with the objects; as they are there, if an earlier command made
/// them, for access modes never change.
void add_made(kube::Client& client, const std::vector<json>& objects, Claims& claims) {
  std::set<std::string> names;
  for (const auto& object : objects)
    if (object::kind_of(object) == "PersistentVolumeClaim") {
      claims[object::name_of(object)] = object;
      names.insert(object::name_of(object));
    }
  for (auto& [name, there] : find_claims(client, names))
    if (there) claims[name] = std::move(*there);
}

}  // namespace

bool needs_all_pods(const json& object) {
  return object::kind_of(object) == "Job";
}

int64_t most_pods(const json& object, const std::vector<json>& objects) {
  const auto kind = object::kind_of(object);
  if (kind == "Job") return most_pods_of_job(object);
  if (kind != "Deployment") return 1;
  return std::max({object::number_at(object, {"spec", "replicas"}, 1), most_of_schedule(object),
                   most_of_autoscalers(object, objects)});
}

std::optional<std::string> why_out_of_reach(const json& object, int64_t pods, const json& claim) {
  const json& spec = pod_spec(object);
  if (pods <= 1) return {};
  const auto& bound = list_at(claim, {"status", "accessModes"});
  const auto& modes = bound.empty() ? list_at(claim, {"spec", "accessModes"}) : bound;
  const auto has = [&](const char* mode) {
    return std::find(modes.begin(), modes.end(), mode) != modes.end();
  };
  const auto name = object::name_of(claim);
  if (modes.empty() || has("ReadWriteMany") || (has("ReadWriteOnce") && is_on_one_node(spec)) ||
      (has("ReadOnlyMany") && !is_written(spec, name)))
    return {};
  std::vector<std::string> words(modes.begin(), modes.end());
  return base::cat("claim '", name, "' is ", base::join(words, ", "), ": ",
                   has("ReadWriteOnce")  ? "pods on one node alone can mount it"
                   : has("ReadOnlyMany") ? "several pods can only read it"
                                         : "one pod alone can mount it",
                   ", and ", object::describe(object), " has ", pods);
}

void check_claims(kube::Client& client, const std::vector<json>& objects) {
  auto claims = find_needed(client, objects);
  std::vector<std::pair<const json*, int64_t>> several;
  for (const auto& object : objects)
    if (const auto pods = most_pods(object, objects); pods > 1) several.emplace_back(&object, pods);
  if (several.empty()) return;
  add_made(client, objects, claims);
  std::vector<std::string> problems;
  for (const auto& [object, pods] : several)
    for (const auto& name : workload::claims_of(pod_spec(*object))) {
      auto why = why_out_of_reach(*object, pods, claims[name]);
      if (!why) continue;
      if (needs_all_pods(*object))
        problems.push_back(std::move(*why));
      else
        base::log_warning(base::cat(*why, "\n  ", hint_for_service));
    }
  if (!problems.empty())
    throw base::Error(base::ErrorKind::invalid, base::join(problems, "\n"), hint_for_run);
}

}  // namespace lotse::action
