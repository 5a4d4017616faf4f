#pragma once
#include <string>

#include "object/snapshot.h"

namespace lotse::test {

/// A Job of `pods` pods that no node takes, with `events_each` Events about each of them.
inline object::Snapshot troubled_pods(int pods, int events_each) {
  using nlohmann::json;
  object::Snapshot objects;
  const json labels = {{"lotse.dev/workload", "w"}, {"lotse.dev/template", "train"}};
  objects.add({{"kind", "Job"},
               {"metadata", {{"name", "w-1"}, {"uid", "job"}, {"labels", labels}}},
               {"spec", {{"completions", pods}, {"parallelism", pods}}},
               {"status", {{"active", pods}}}});
  for (int i = 0; i < pods; ++i) {
    const auto name = "w-1-with-a-name-longer-than-a-small-string-" + std::to_string(i);
    const auto uid = "00000000-0000-0000-0000-" + std::to_string(i);
    objects.add(
        {{"kind", "Pod"},
         {"metadata",
          {{"name", name},
           {"uid", uid},
           {"labels", labels},
           {"annotations", {{"batch.kubernetes.io/job-completion-index", std::to_string(i)}}},
           {"creationTimestamp", "2026-01-01T00:00:00Z"},
           {"ownerReferences", {{{"kind", "Job"}, {"name", "w-1"}, {"uid", "job"}}}}}},
         {"status",
          {{"phase", "Pending"},
           {"conditions",
            {{{"type", "PodScheduled"},
              {"status", "False"},
              {"reason", "Unschedulable"},
              {"message", "0/1000 nodes are available: 1000 Insufficient cpu."}}}}}}});
    for (int k = 0; k < events_each; ++k)
      objects.add({{"kind", "Event"},
                   {"reason", "FailedScheduling"},
                   {"type", "Warning"},
                   {"note", "0/1000 nodes are available: 1000 Insufficient cpu."},
                   {"eventTime", "2026-01-01T00:00:0" + std::to_string(k % 10) + "Z"},
                   {"regarding", {{"kind", "Pod"}, {"name", name}, {"uid", uid}}}});
  }
  return objects;
}

}  // namespace lotse::test
