#include "workload/gpus.h"

#include <catch2/catch.hpp>

using namespace lotse::workload;

namespace {

json node(const std::string& name, const std::string& type, const json& allocatable,
          bool cordoned = false) {
  json made = {
      {"metadata", {{"name", name}, {"labels", {{"nvidia.com/gpu.product", type}}}}},
      {"status",
       {{"allocatable", allocatable}, {"conditions", {{{"type", "Ready"}, {"status", "True"}}}}}}};
  if (cordoned) made["spec"]["unschedulable"] = true;
  return made;
}

json pod(const std::string& node, const std::string& resource, const std::string& count,
         const std::string& phase = "Running") {
  return {
      {"spec",
       {{"nodeName", node}, {"containers", {{{"resources", {{"limits", {{resource, count}}}}}}}}}},
      {"status", {{"phase", phase}}}};
}

}  // namespace

TEST_CASE("GPUs are counted by type and resource; a cordoned node has none free") {
  Occupied occupied;
  for (const auto& each :
       {pod("a", "nvidia.com/gpu", "6"), pod("b", "nvidia.com/gpu", "1"),
        pod("c", "nvidia.com/gpu", "2"), pod("d", "nvidia.com/mig-1g.10gb", "3"),
        pod("b", "nvidia.com/gpu", "4", "Succeeded"), pod("", "nvidia.com/gpu", "8", "Pending")})
    occupied.add(each);
  const auto rows = gpus_of({node("a", "H100", {{"nvidia.com/gpu", "8"}, {"cpu", "64"}}),
                             node("b", "H100", {{"nvidia.com/gpu", "8"}}),
                             node("c", "H100", {{"nvidia.com/gpu", "8"}}, true),
                             node("d", "A100", {{"nvidia.com/mig-1g.10gb", "7"}}),
                             node("e", "", {{"cpu", "4"}, {"nvidia.com/gpu", "0"}})},
                            occupied);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].type == "A100");
  CHECK(rows[0].resource == "nvidia.com/mig-1g.10gb");
  CHECK(rows[0].free == 4);
  CHECK(rows[1].nodes == 3);
  CHECK(rows[1].total == 24);
  CHECK(rows[1].used == 9);
  CHECK(rows[1].free == 2 + 7);
  CHECK(rows[1].largest == 7);
}
