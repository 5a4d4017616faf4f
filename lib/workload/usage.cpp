#include "workload/usage.h"

#include <algorithm>
#include <tuple>

#include "object/member.h"
#include "object/reference.h"
#include "workload/fit.h"
#include "workload/pod.h"

namespace lotse::workload {

namespace {

using object::list_at;
using object::text_at;

std::optional<Quantity> quantity_at(const json& object, object::Path path) {
  return Quantity::try_parse(text_at(object, path));
}

/// Nothing if a container that stays has no limit.
std::optional<Quantity> limit_of(const json& pod, const char* resource) {
  Quantity sum;
  const auto add = [&](const json& container) {
    const auto limit = quantity_at(container, {"resources", "limits", resource});
    if (limit) sum += *limit;
    return limit.has_value();
  };
  for (const auto& container : list_at(pod, {"spec", "containers"}))
    if (!add(container)) return {};
  for (const auto& container : list_at(pod, {"spec", "initContainers"}))
    if (text_at(container, {"restartPolicy"}) == "Always" && !add(container)) return {};
  return sum;
}

Usage asked_for(const json& pod, const char* resource) {
  auto requests = requests_of(pod);
  return {{}, requests[resource], limit_of(pod, resource)};
}

bool runs(const json& pod) {
  return text_at(pod, {"status", "phase"}) == "Running";
}

void add(const Usage& of_pod, Usage& sum) {
  if (of_pod.used) {
    if (!sum.used) sum.used.emplace();
    *sum.used += *of_pod.used;
  }
  sum.requested += of_pod.requested;
  if (!of_pod.limit) sum.limit.reset();
  if (sum.limit) *sum.limit += *of_pod.limit;
}

json in_cores(const Quantity& amount) {
  return static_cast<double>(amount.milli_value()) / 1000;
}

json in_bytes(const Quantity& amount) {
  return amount.value();
}

json to_json(const Usage& usage, json (*number)(const Quantity&)) {
  return {{"used", usage.used ? number(*usage.used) : json()},
          {"requested", number(usage.requested)},
          {"limit", usage.limit ? number(*usage.limit) : json()}};
}

}  // namespace

Sample read_metrics(const json& pod_metrics) {
  Sample sample;
  for (const auto& container : list_at(pod_metrics, {"containers"})) {
    sample.cpu += quantity_at(container, {"usage", "cpu"}).value_or(Quantity());
    sample.memory += quantity_at(container, {"usage", "memory"}).value_or(Quantity());
  }
  sample.time = text_at(pod_metrics, {"timestamp"});
  return sample;
}

WorkloadUsage usage_of(const std::string& name, const Snapshot& objects, const Samples& samples) {
  WorkloadUsage usage;
  usage.name = name;
  for (const json* pod : objects.of_kind("Pod")) {
    if (!runs(*pod)) continue;
    PodUsage row;
    row.name = object::name_of(*pod);
    row.rank = pod_state(*pod, {}).rank;
    row.node = text_at(*pod, {"spec", "nodeName"});
    row.cpu = asked_for(*pod, "cpu");
    row.memory = asked_for(*pod, "memory");
    if (const auto sample = samples.find(row.name); sample != samples.end()) {
      row.cpu.used = sample->second.cpu;
      row.memory.used = sample->second.memory;
      row.time = sample->second.time;
    }
    usage.pods.push_back(std::move(row));
  }
  std::sort(usage.pods.begin(), usage.pods.end(), [](const PodUsage& a, const PodUsage& b) {
    return std::tie(a.rank, a.name) < std::tie(b.rank, b.name);
  });
  if (usage.pods.empty()) return usage;
  usage.cpu.limit.emplace();
  usage.memory.limit.emplace();
  for (const auto& pod : usage.pods) {
    add(pod.cpu, usage.cpu);
    add(pod.memory, usage.memory);
  }
  return usage;
}

std::vector<std::string> running_pods(const Snapshot& objects) {
  std::vector<std::string> names;
  for (const json* pod : objects.of_kind("Pod"))
    if (runs(*pod)) names.push_back(object::name_of(*pod));
  return names;
}

json to_json(const WorkloadUsage& usage) {
  json pods = json::array();
  for (const auto& pod : usage.pods)
    pods.push_back({{"name", pod.name},
                    {"rank", pod.rank ? json(*pod.rank) : json()},
                    {"node", pod.node},
                    {"time", pod.time},
                    {"cpu", to_json(pod.cpu, in_cores)},
                    {"memory", to_json(pod.memory, in_bytes)}});
  return {{"name", usage.name},
          {"cpu", to_json(usage.cpu, in_cores)},
          {"memory", to_json(usage.memory, in_bytes)},
          {"pods", pods}};
}

}  // namespace lotse::workload
