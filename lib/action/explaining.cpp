#include "action/explaining.h"

#include "base/error.h"
#include "object/member.h"
#include "object/reference.h"

namespace lotse::action {

namespace {

using base::Error;
using base::ErrorKind;
using nlohmann::json;
using object::Kind;

/// Of each kind the newest version first: a cluster may have an older one alone, or none.
using Versions = std::vector<Kind>;

Kind kueue_kind(const std::string& api_version) {
  return {api_version, "Workload", "workloads"};
}

const Versions& kueue_workloads() {
  static const Versions versions = {kueue_kind("kueue.x-k8s.io/v1beta2"),
                                    kueue_kind("kueue.x-k8s.io/v1beta1")};
  return versions;
}

const Versions& pod_groups() {
  static const Versions versions = {{"scheduling.k8s.io/v1beta1", "PodGroup", "podgroups"},
                                    {"scheduling.k8s.io/v1alpha3", "PodGroup", "podgroups"}};
  return versions;
}

const Versions& autoscalers() {
  static const Versions versions = {
      *object::find_kind("autoscaling/v2", "HorizontalPodAutoscaler")};
  return versions;
}

/// The objects of a kind in the first version that the server has.
std::vector<json> objects_of(kube::Client& client, const Versions& versions,
                             const kube::Selector& selector = {}) {
  for (const auto& kind : versions) {
    try {
      return client.list(kind, selector).items;
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::not_found) throw;
    }
  }
  return {};
}

/// Kueue's Workloads of one Job, or, for many, of all.
kube::Selector of_jobs(const std::vector<std::string>& uids) {
  if (uids.size() != 1) return {};
  return {std::string(workload::label_job_uid) + "=" + uids[0], ""};
}

std::vector<json> if_allowed(kube::Client& client, const Versions& versions,
                             const kube::Selector& selector = {}) {
  try {
    return objects_of(client, versions, selector);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::denied) throw;
    return {};
  }
}

}  // namespace

std::vector<json> queue_objects(kube::Client& client, const workload::Explaining& wanted) {
  if (wanted.queued.empty()) return {};
  return if_allowed(client, kueue_workloads(), of_jobs(wanted.queued));
}

std::vector<json> explaining_objects(kube::Client& client, const workload::Explaining& wanted) {
  auto found = queue_objects(client, wanted);
  const auto add = [&](const Versions& versions) {
    for (auto& object : if_allowed(client, versions)) found.push_back(std::move(object));
  };
  if (wanted.autoscalers) add(autoscalers());
  if (wanted.pod_groups) add(pod_groups());
  return found;
}

std::optional<json> kueue_workload_of(kube::Client& client, const json& job) {
  for (auto& each : objects_of(client, kueue_workloads(), of_jobs({object::uid_of(job)})))
    if (object::is_owned_by(each, job)) return std::move(each);
  return {};
}

json set_active(kube::Client& client, const json& kueue_workload, bool active, bool dry_run) {
  return client.patch(kueue_kind(object::text_at(kueue_workload, {"apiVersion"})),
                      object::name_of(kueue_workload), {{"spec", {{"active", active}}}}, dry_run);
}

}  // namespace lotse::action
