#pragma once
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "object/quantity.h"
#include "object/snapshot.h"

namespace lotse::workload {

using nlohmann::json;
using object::Quantity;
using object::Snapshot;

/// What a pod was measured to use.
struct Sample {
  Quantity cpu;      ///< cores
  Quantity memory;   ///< bytes
  std::string time;  ///< RFC 3339
};

/// By pod.
using Samples = std::map<std::string, Sample>;

/// Of CPU or memory.
struct Usage {
  std::optional<Quantity> used;   ///< nothing: not measured yet
  Quantity requested;             ///< what the scheduler counts
  std::optional<Quantity> limit;  ///< nothing: a container has none
};

struct PodUsage {
  std::string name;
  std::optional<int64_t> rank;  ///< completion index
  std::string node;
  Usage cpu;
  Usage memory;
  std::string time;  ///< when it was measured; "": it was not yet
};

struct WorkloadUsage {
  std::string name;
  Usage cpu;  ///< of all pods together; `used` of those that were measured
  Usage memory;
  std::vector<PodUsage> pods;  ///< those that run, by rank and name
};

/// The sum over the containers of a PodMetrics of metrics.k8s.io.
Sample read_metrics(const json& pod_metrics);

/// What the running pods of one workload use, beside what they ask for.
WorkloadUsage usage_of(const std::string& name, const Snapshot& objects, const Samples& samples);

/// The names of the pods that run.
std::vector<std::string> running_pods(const Snapshot& objects);

json to_json(const WorkloadUsage& usage);

}  // namespace lotse::workload
