#include "workload/usage.h"

#include <catch2/catch.hpp>

using namespace lotse::workload;

namespace {

json container(const json& requests, const json& limits) {
  return {{"name", "c"}, {"resources", {{"requests", requests}, {"limits", limits}}}};
}

json pod(const std::string& name, int rank, const std::vector<json>& containers,
         const std::string& phase = "Running") {
  return {{"kind", "Pod"},
          {"metadata",
           {{"name", name},
            {"annotations", {{"batch.kubernetes.io/job-completion-index", std::to_string(rank)}}}}},
          {"spec", {{"containers", containers}, {"nodeName", "n"}}},
          {"status", {{"phase", phase}}}};
}

Sample measured(const json& containers) {
  return read_metrics({{"timestamp", "2026-11-24T10:00:00Z"}, {"containers", containers}});
}

}  // namespace

TEST_CASE("what a pod uses is the sum of its containers, as metrics-server writes amounts") {
  const auto sample =
      measured({{{"name", "a"}, {"usage", {{"cpu", "1500000000n"}, {"memory", "65536Ki"}}}},
                {{"name", "b"}, {"usage", {{"cpu", "250u"}, {"memory", "1Mi"}}}},
                {{"name", "c"}, {"usage", {{"cpu", "?"}}}}});
  CHECK(sample.cpu == Quantity::parse("1500250u"));
  CHECK(sample.memory == Quantity::parse("65Mi"));
  CHECK(sample.time == "2026-11-24T10:00:00Z");
}

TEST_CASE("a workload's usage is that of its pods that run, beside what they ask for") {
  const auto one = container({{"cpu", "1"}}, {{"cpu", "2"}, {"memory", "1Gi"}});
  const Snapshot objects = {pod("w-1", 1, {one}), pod("w-0", 0, {one, one}),
                            pod("w-2", 2, {one}, "Pending"), pod("w-3", 3, {one}, "Succeeded")};
  const auto usage =
      usage_of("w", objects,
               {{"w-0", measured({{{"usage", {{"cpu", "1500m"}, {"memory", "100Mi"}}}}})},
                {"other", measured({{{"usage", {{"cpu", "9"}}}}})}});
  REQUIRE(usage.pods.size() == 2);
  CHECK(usage.pods[0].name == "w-0");
  CHECK(usage.pods[0].cpu.used == Quantity::parse("1500m"));
  CHECK(usage.pods[0].cpu.requested == Quantity::parse("2"));
  CHECK(usage.pods[0].cpu.limit == Quantity::parse("4"));
  CHECK(usage.pods[0].memory.requested == Quantity::parse("2Gi"));  // the limit stands in for it
  CHECK_FALSE(usage.pods[1].cpu.used);
  CHECK(usage.pods[1].time.empty());
  CHECK(usage.cpu.used == Quantity::parse("1500m"));
  CHECK(usage.cpu.requested == Quantity::parse("3"));
  CHECK(usage.cpu.limit == Quantity::parse("6"));
  const auto shown = to_json(usage);
  CHECK(shown["cpu"]["used"] == 1.5);
  CHECK(shown["memory"]["used"] == 104857600);
  CHECK(shown["pods"][1]["cpu"]["used"].is_null());
  CHECK(shown["pods"][1]["rank"] == 1);
}

TEST_CASE("one container without a limit is a pod without one, and so is its workload") {
  const auto limited = container({}, {{"memory", "1Gi"}});
  auto sidecar = container({}, json::object());
  sidecar["restartPolicy"] = "Always";
  auto with_sidecar = pod("w-0", 0, {limited});
  with_sidecar["spec"]["initContainers"] = {sidecar};
  const auto usage = usage_of("w", {with_sidecar, pod("w-1", 1, {limited})}, {});
  CHECK_FALSE(usage.pods[0].memory.limit);
  CHECK(usage.pods[1].memory.limit == Quantity::parse("1Gi"));
  CHECK_FALSE(usage.memory.limit);
  CHECK_FALSE(usage.memory.used);
  CHECK(usage_of("w", {}, {}).pods.empty());
}
