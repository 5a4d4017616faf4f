#include "action/obstacles.h"

#include <algorithm>
#include <functional>
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

class Finder {
 public:
  Finder(Cluster& cluster, const std::vector<Tried>& tried, Plan& plan)
      : cluster_(cluster),
        client_(cluster.client()),
        tried_(tried),
        pods_(pods_of(tried)),
        plan_(plan) {}

  void run() {
    if (pods_.empty()) return;
    for (const auto& pods : pods_) {
      look_at_references(pods);
      look_at_security(pods);
    }
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

  /// Names of one kind that pods refer to, without those that are made along with them.
  void look_for(const Pods& pods, const char* kind, workload::Code code, const Names& names) {
    for (const auto& name : names) {
      const bool made = std::any_of(tried_.begin(), tried_.end(), [&](const Tried& each) {
        return object::kind_of(each.after) == kind && object::name_of(each.after) == name;
      });
      if (made) continue;
      or_note(base::cat(base::lower(kind), "/", name, " was not looked for"), [&] {
        if (!client_.find(*object::find_kind("v1", kind), name))
          plan_.obstacles.push_back(
              {code, base::cat(base::lower(kind), "/", name, ", which the pods of ", pods.of,
                               " name, is not there")});
      });
    }
  }

  void look_at_references(const Pods& pods) {
    const json& spec = at(pods.pod, {"spec"});
    const auto claims = workload::claims_of(spec);
    Names secrets, maps, accounts;
    const auto note = [](const json& reference, const char* key, Names& names) {
      const auto name = text_at(reference, {key});
      if (!name.empty() && at(reference, {"optional"}) != true) names.insert(name);
    };
    for (const auto& each : list_at(spec, {"imagePullSecrets"})) note(each, "name", secrets);
    for (const auto& volume : list_at(spec, {"volumes"})) {
      note(at(volume, {"secret"}), "secretName", secrets);
      note(at(volume, {"configMap"}), "name", maps);
    }
    for (const char* list : {"initContainers", "containers"})
      for (const auto& container : list_at(spec, {list})) {
        for (const auto& variable : list_at(container, {"env"})) {
          note(at(variable, {"valueFrom", "secretKeyRef"}), "name", secrets);
          note(at(variable, {"valueFrom", "configMapKeyRef"}), "name", maps);
        }
        for (const auto& source : list_at(container, {"envFrom"})) {
          note(at(source, {"secretRef"}), "name", secrets);
          note(at(source, {"configMapRef"}), "name", maps);
        }
      }
    note(spec, "serviceAccountName", accounts);
    look_for(pods, "PersistentVolumeClaim", "ClaimMissing", {claims.begin(), claims.end()});
    for (const auto& claim : claims) look_at_reach(pods, claim);
    look_for(pods, "Secret", "SecretMissing", secrets);
    look_for(pods, "ConfigMap", "ConfigMissing", maps);
    look_for(pods, "ServiceAccount", "ServiceAccountMissing", accounts);
  }

  /// Whether all pods can mount the claim, by its access modes.
  void look_at_reach(const Pods& pods, const std::string& name) {
    or_note("access modes were not looked at", [&] {
      const auto claim = client_.find(*object::find_kind("v1", "PersistentVolumeClaim"), name);
      for (const auto& each : tried_)
        if (object::describe(each.after) == pods.of && claim)
          if (const auto why = why_out_of_reach(each.after, *claim))
            plan_.obstacles.push_back({"ClaimOutOfReach", *why, true});
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
