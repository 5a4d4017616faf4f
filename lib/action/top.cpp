#include "action/top.h"

#include <algorithm>

#include "action/cluster.h"
#include "action/status.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/strings.h"
#include "local/usage.h"
#include "object/member.h"
#include "object/reference.h"

namespace lotse::action {

namespace {

using base::Error;
using base::ErrorKind;
using workload::Samples;

constexpr int http_not_found = 404;

void add_page(const json& page, Samples& samples) {
  for (const auto& pod : object::list_at(page, {"items"}))
    samples[object::name_of(pod)] = workload::read_metrics(pod);
}

[[noreturn]] void refuse(const kube::Client& client, const kube::Call& call,
                         const net::Response& response) {
  const auto error = client.refusal(call, response);
  if (error.kind() == ErrorKind::denied)
    throw Error(ErrorKind::denied, error.what(),
                "`lotse top` needs the right to list pods of metrics.k8s.io in the namespace");
  throw Error(error.kind(), std::string("the cluster's metrics API: ") + error.what(),
              "`lotse get apiservices` says whether what serves metrics.k8s.io is available");
}

/// By one version of the API; false if the cluster does not have it.
bool add_samples(kube::Client& client, const std::string& version, Samples& samples) {
  const object::Kind kind{"metrics.k8s.io/" + version, "PodMetrics", "pods"};
  std::string token;
  do {
    const auto call = kube::list_call(
        kind, client.name_space(),
        {std::string(workload::label_managed_by) + "=" + workload::managed_by, ""}, token);
    const auto response = client.send(call);
    if (response.status == http_not_found) return false;
    if (!response.ok()) refuse(client, call, response);
    const json page = json::parse(response.body, nullptr, false);
    add_page(page, samples);
    token = object::text_at(page, {"metadata", "continue"});
  } while (!token.empty());
  return true;
}

Samples samples_of_cluster(kube::Client& client) {
  Samples samples;
  for (const char* version : {"v1", "v1beta1"})
    if (add_samples(client, version, samples)) return samples;
  throw Error(ErrorKind::not_found, "this cluster does not measure its pods: no metrics.k8s.io",
              "metrics-server does; whoever runs the cluster can install it");
}

Samples samples_of_machine(const std::vector<std::string>& pods) {
  constexpr std::chrono::milliseconds long_enough{500};
  Samples samples;
  for (const auto& [pod, usage] : local::usage_of(pods, long_enough)) {
    auto& sample = samples[pod];
    sample.cpu = object::Quantity::parse(base::cat(usage.cpu_milliseconds_a_second, "m"));
    sample.memory = object::Quantity::parse(base::cat(usage.memory_bytes));
    sample.time = base::timestamp_now();
  }
  return samples;
}

/// Takes one workload after the other, so that not all objects of a cluster are held at once.
using Each = std::function<void(const Visit&)>;

/// `each` is asked for the pods' names on this machine alone.
Samples samples_of(Target& target, const Each& each) {
  if (target.cluster() != nullptr) return samples_of_cluster(target.cluster()->client());
  std::vector<std::string> pods;
  each([&](const std::string&, const Snapshot& objects) {
    for (auto& pod : workload::running_pods(objects)) pods.push_back(std::move(pod));
  });
  return samples_of_machine(pods);
}

std::vector<workload::WorkloadUsage> usages_of(Target& target, const Each& each) {
  const auto samples = samples_of(target, each);
  std::vector<workload::WorkloadUsage> usages;
  each([&](const std::string& name, const Snapshot& objects) {
    usages.push_back(workload::usage_of(name, objects, samples));
  });
  std::sort(usages.begin(), usages.end(),
            [](const auto& one, const auto& other) { return one.name < other.name; });
  return usages;
}

}  // namespace

std::vector<workload::WorkloadUsage> top(Target& target, const std::string& name) {
  if (name.empty())
    return usages_of(target, [&](const Visit& visit) { target.each_workload(visit); });
  const auto objects = snapshot_of(target, name);
  return usages_of(target, [&](const Visit& visit) { visit(name, objects); });
}

}  // namespace lotse::action
