#include "action/obstacles.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "action/claims.h"
#include "action/images.h"
#include "action/room.h"
#include "base/error.h"
#include "base/strings.h"
#include "kube/access.h"
#include "object/member.h"
#include "object/pod_security.h"
#include "object/reference.h"
#include "workload/fit.h"
#include "workload/pod.h"

namespace lotse::action {

namespace {

using base::Error;
using base::ErrorKind;
using object::at;
using object::list_at;
using object::text_at;
using Names = std::set<std::string>;
/// Names of objects, and the keys that have to be in each.
using Wanted = std::map<std::string, Names>;

/// A pod as a controller would make it, and how many come in addition to those that are there.
struct Pods {
  std::string of;  ///< "deployment/NAME"
  json pod;
  int64_t count = 1;
};

int64_t wanted_of(const json& object) {
  const bool job = object::kind_of(object) == "Job";
  return object::number_at(object, {"spec", job ? "parallelism" : "replicas"}, 1);
}

/// The pod that an object makes; null if it makes none.
const json& pod_in(const json& object) {
  if (object::kind_of(object) == "CronJob")
    return at(object, {"spec", "jobTemplate", "spec", "template"});
  return at(object, {"spec", "template"});
}

std::vector<Pods> pods_of(const std::vector<Tried>& tried) {
  std::vector<Pods> all;
  for (const auto& [before, after] : tried) {
    const json& pod = pod_in(after);
    const auto more = wanted_of(after) - (before.is_null() ? 0 : wanted_of(before));
    const bool same = pod == pod_in(before) && more <= 0;
    if (!pod.is_object() || same || wanted_of(after) == 0) continue;
    all.push_back({object::describe(after), pod, std::max<int64_t>(more, 1)});  // at least a surge
  }
  return all;
}

std::vector<json> wanted_of(const std::vector<Tried>& tried) {
  std::vector<json> objects;
  for (const auto& each : tried) objects.push_back(each.after);
  return objects;
}

/// What the spec of a pod names, but for what may be missing.
struct References {
  Wanted claims, secrets, maps, accounts, priorities;
};

/// The name under `key`, and the key of its data under `part`.
void note(const json& reference, const char* key, Wanted& wanted, const char* part = "") {
  const auto name = text_at(reference, {key});
  if (name.empty() || at(reference, {"optional"}) == true) return;
  auto& keys = wanted[name];
  if (auto its = text_at(reference, {part}); !its.empty()) keys.insert(std::move(its));
}

void note_volume(const json& source, const char* key, Wanted& wanted) {
  note(source, key, wanted);
  const auto found = wanted.find(text_at(source, {key}));
  if (found != wanted.end() && at(source, {"optional"}) != true)
    for (const auto& item : list_at(source, {"items"}))
      found->second.insert(text_at(item, {"key"}));
}

void note_container(const json& container, References& all) {
  for (const auto& variable : list_at(container, {"env"})) {
    note(at(variable, {"valueFrom", "secretKeyRef"}), "name", all.secrets, "key");
    note(at(variable, {"valueFrom", "configMapKeyRef"}), "name", all.maps, "key");
  }
  for (const auto& source : list_at(container, {"envFrom"})) {
    note(at(source, {"secretRef"}), "name", all.secrets);
    note(at(source, {"configMapRef"}), "name", all.maps);
  }
}

References references_of(const json& spec) {
  References all;
  for (auto& name : workload::claims_of(spec)) all.claims[name];
  for (const auto& each : list_at(spec, {"imagePullSecrets"})) note(each, "name", all.secrets);
  for (const auto& volume : list_at(spec, {"volumes"})) {
    note_volume(at(volume, {"secret"}), "secretName", all.secrets);
    note_volume(at(volume, {"configMap"}), "name", all.maps);
  }
  for (const char* list : {"initContainers", "containers"})
    for (const auto& container : list_at(spec, {list})) note_container(container, all);
  note(spec, "serviceAccountName", all.accounts);
  note(spec, "priorityClassName", all.priorities);
  return all;
}

/// The classes of which a ResourceClaimTemplate asks for devices.
Wanted device_classes_of(const json& made) {
  Wanted classes;
  for (const auto& request : list_at(made, {"spec", "spec", "devices", "requests"})) {
    note(at(request, {"exactly"}), "deviceClassName", classes);
    for (const auto& choice : list_at(request, {"firstAvailable"}))
      note(choice, "deviceClassName", classes);
  }
  return classes;
}

const object::Kind& device_class() {
  static const object::Kind kind{"resource.k8s.io/v1", "DeviceClass", "deviceclasses", false};
  return kind;
}

/// In each version that a server may have.
std::vector<const object::Kind*> queue_kinds() {
  std::vector<const object::Kind*> kinds;
  for (const auto& kind : object::optional_kinds())
    if (kind.kind == "LocalQueue") kinds.push_back(&kind);
  return kinds;
}

bool has_key(const json& object, const std::string& key) {
  return at(object, {"data", key.c_str()}).is_string() ||
         at(object, {"binaryData", key.c_str()}).is_string();
}

class Finder {
 public:
  Finder(Cluster& cluster, const std::vector<Tried>& tried, Plan& plan)
      : cluster_(cluster),
        client_(cluster.client()),
        tried_(tried),
        wanted_(wanted_of(tried)),
        pods_(pods_of(tried)),
        plan_(plan) {}

  void run() {
    if (pods_.empty()) return;
    for (const auto& pods : pods_) {
      look_at_references(pods);
      look_at_security(pods);
    }
    for (const auto& each : tried_)
      if (each.before.is_null()) look_at_names(each.after);
    or_note("quotas were not looked at", [&] { look_at_quotas(); });
    std::vector<ImageUse> images;
    for (const auto& pods : pods_)
      for (auto& use : images_of(pods.pod, pods.of)) images.push_back(std::move(use));
    or_note("fit not checked", [&] { look_at_nodes(names_on_nodes(images)); });
    look_at_images(cluster_, std::move(images), nodes_, plan_);
  }

 private:
  /// Runs `look`; where the user may not look, that becomes a note.
  void or_note(const std::string& what, const std::function<void()>& look) {
    try {
      look();
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::denied) throw;
      plan_.notes.push_back(what + ": " + error.what());
    }
  }

  bool is_made_too(const std::string& kind, const std::string& name) const {
    return std::any_of(tried_.begin(), tried_.end(), [&](const Tried& each) {
      return object::kind_of(each.after) == kind && object::name_of(each.after) == name;
    });
  }

  /// Objects of one kind, the first of `kinds` that the server has, without those that are made
  /// along; `who` names them: "which the pods of job/x name".
  void look_for(const std::vector<const object::Kind*>& kinds, workload::Code code,
                const Wanted& wanted, const std::string& who) {
    for (const auto& [name, keys] : wanted) {
      if (is_made_too(kinds[0]->kind, name)) continue;
      const auto what = base::cat(base::lower(kinds[0]->kind), "/", name);
      or_note(what + " was not looked for", [&] {
        std::optional<json> there;
        for (const auto* kind : kinds)
          if (!there) there = client_.find(*kind, name);
        if (!there)
          plan_.obstacles.push_back({code, base::cat(what, ", ", who, ", is not there")});
        else
          for (const auto& key : keys)
            if (!has_key(*there, key))
              plan_.obstacles.push_back({code, base::cat(what, ", ", who, ", has no key ", key)});
      });
    }
  }

  /// What an object that is new names itself.
  void look_at_names(const json& object) {
    const auto who = base::cat("which ", object::describe(object), " names");
    if (object::kind_of(object) == "ResourceClaimTemplate")
      look_for({&device_class()}, "DeviceClassMissing", device_classes_of(object), who);
    Wanted queues;
    note(at(object, {"metadata", "labels"}), workload::label_queue, queues);
    look_for(queue_kinds(), "QueueUnavailable", queues, who);
  }

  void look_at_references(const Pods& pods) {
    const auto named = references_of(at(pods.pod, {"spec"}));
    const auto who = base::cat("which the pods of ", pods.of, " name");
    const auto look = [&](const char* version, const char* kind, workload::Code code,
                          const Wanted& wanted) {
      look_for({object::find_kind(version, kind)}, code, wanted, who);
    };
    look("v1", "PersistentVolumeClaim", "ClaimMissing", named.claims);
    for (const auto& [claim, keys] : named.claims) look_at_reach(pods, claim);
    look("v1", "Secret", "SecretMissing", named.secrets);
    look("v1", "ConfigMap", "ConfigMissing", named.maps);
    look("v1", "ServiceAccount", "ServiceAccountMissing", named.accounts);
    look("scheduling.k8s.io/v1", "PriorityClass", "PriorityClassMissing", named.priorities);
  }

  /// Whether all pods can mount the claim, by its access modes.
  void look_at_reach(const Pods& pods, const std::string& name) {
    or_note("access modes were not looked at", [&] {
      const auto claim = client_.find(*object::find_kind("v1", "PersistentVolumeClaim"), name);
      for (const auto& object : wanted_)
        if (object::describe(object) == pods.of && claim)
          if (const auto why = why_out_of_reach(object, most_pods(object, wanted_), *claim))
            plan_.obstacles.push_back({"ClaimOutOfReach", *why, needs_all_pods(object)});
    });
  }

  /// Whether the namespace lets such pods in is its label's to say, which not every user may read.
  void look_at_security(const Pods& pods) {
    const object::PodTemplate made{at(pods.pod, {"metadata"}), at(pods.pod, {"spec"}), ""};
    for (const auto& problem : object::restricted_violations(made))
      plan_.notes.push_back(
          base::cat("pods of ", pods.of, ": ", problem.where, " ", problem.message,
                    " under Pod Security restricted; the namespace must allow it"));
  }

  /// Of what a quota counts, the requests of pods alone: "cpu", "requests.cpu", "pods", ...
  void look_at_quotas() {
    const auto quotas = client_.list(*object::find_kind("v1", "ResourceQuota")).items;
    for (const auto& quota : quotas)
      for (const auto& pods : pods_)
        for (const auto& [resource, amount] : workload::requests_of(pods.pod))
          for (const auto& key : {resource, "requests." + resource})
            look_at_quota(quota, key, pods, amount);
  }

  void look_at_quota(const json& quota, const std::string& key, const Pods& pods,
                     const object::Quantity& amount) {
    const auto limit = object::Quantity::try_parse(text_at(quota, {"spec", "hard", key.c_str()}));
    if (!limit) return;
    const auto name = "resourcequota/" + object::name_of(quota);
    const auto hard = text_at(quota, {"spec", "hard", key.c_str()});
    if (amount > *limit) {
      plan_.obstacles.push_back({"QuotaTooSmall",
                                 base::cat("one pod of ", pods.of, " asks for more ", key,
                                           " than the ", hard, " of ", name),
                                 true});
      return;
    }
    auto needed = object::Quantity::try_parse(text_at(quota, {"status", "used", key.c_str()}))
                      .value_or(object::Quantity());
    for (int64_t i = 0; i < pods.count && needed <= *limit; ++i) needed += amount;
    if (needed > *limit)
      plan_.obstacles.push_back(
          {"QuotaUsedUp", base::cat(pods.count, " pods of ", pods.of, " need more ", key,
                                    " than is left of the ", hard, " of ", name)});
  }

  void look_at_nodes(const Names& images) {
    nodes_ = nodes_of(client_, images);
    const auto occupied = occupied_of(client_);
    for (const auto& pods : pods_) {
      const auto misses = workload::misses(pods.pod, nodes_, occupied);
      const bool fits =
          !misses.empty() && misses[0].obstacles.empty();  // the nearest node comes first
      if (fits) continue;
      plan_.obstacles.push_back(
          {"NoNodeFits", base::cat("no node has room for a pod of ", pods.of, " now; nearest: ",
                                   misses.empty() ? "there are no nodes" : to_string(misses[0]))});
    }
  }

  Cluster& cluster_;
  kube::Client& client_;
  const std::vector<Tried>& tried_;
  const std::vector<json> wanted_;  // as they would be
  std::vector<Pods> pods_;
  std::vector<json> nodes_;  ///< empty where the user may not see them
  Plan& plan_;
};

}  // namespace

std::optional<Obstacle> missing_rights(kube::Client& client, const std::vector<json>& objects) {
  std::vector<std::string> missing;
  std::set<std::pair<std::string, std::string>> seen;
  for (const auto& object : objects) {
    const auto version = text_at(object, {"apiVersion"});
    const auto* kind = object::find_kind(version, object::kind_of(object));
    if (kind == nullptr || !seen.emplace(kind->api_version, kind->plural).second) continue;
    const auto group = object::group_of(version);
    for (const char* verb : {"get", "create", "patch"})
      if (!kube::is_allowed(client, {verb, group, kind->plural}))
        missing.push_back(base::cat(verb, " ", kind->plural, group.empty() ? "" : "." + group));
  }
  if (missing.empty()) return std::nullopt;
  return Obstacle{
      "RightMissing",
      "you may not " + base::join(missing, ", ") + " (namespace " + client.name_space() + ")",
      true};
}

void find_obstacles(Cluster& cluster, const std::vector<Tried>& tried, Plan& plan) {
  Finder(cluster, tried, plan).run();
}

}  // namespace lotse::action
