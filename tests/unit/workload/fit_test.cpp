#include "workload/fit.h"

#include <catch2/catch.hpp>

using namespace lotse::workload;

namespace {

json container(const char* cpu, const char* memory = "0") {
  return {{"resources", {{"requests", {{"cpu", cpu}, {"memory", memory}}}}}};
}

json pod(const std::vector<json>& containers, const std::string& node = "") {
  json made = {{"metadata", {{"name", "p"}}}, {"spec", {{"containers", containers}}}};
  if (!node.empty()) made["spec"]["nodeName"] = node;
  return made;
}

json node(const std::string& name, const char* cpu, const json& more = json::object()) {
  json made = {{"metadata", {{"name", name}, {"labels", {{"zone", name}}}}},
               {"spec", more},
               {"status", {{"allocatable", {{"cpu", cpu}, {"memory", "8Gi"}, {"pods", "10"}}}}}};
  return made;
}

std::string nearest(const json& one, const std::vector<json>& nodes,
                    const std::vector<json>& pods = {}) {
  Occupied occupied;
  for (const auto& other : pods) occupied.add(other);
  return to_string(misses(one, nodes, occupied).at(0));
}

}  // namespace

TEST_CASE("a pod's requests: containers, sidecars, init containers, overhead") {
  auto one = pod({container("500m"), container("1")});
  CHECK(requests_of(one).at("cpu").milli_value() == 1500);
  auto sidecar = container("250m");
  sidecar["restartPolicy"] = "Always";
  one["spec"]["initContainers"] = {sidecar, container("3")};
  CHECK(requests_of(one).at("cpu").milli_value() == 3250);
  one["spec"]["initContainers"] = {container("1"), sidecar};
  one["spec"]["overhead"] = {{"cpu", "100m"}};
  CHECK(requests_of(one).at("cpu").milli_value() == 1850);
  json limited = pod({{{"resources", {{"limits", {{"nvidia.com/gpu", "2"}}}}}}});
  CHECK(requests_of(limited).at("nvidia.com/gpu").value() == 2);
}

TEST_CASE("the nearest node, and what it lacks") {
  const auto one = pod({container("4", "6Gi")});
  CHECK(nearest(one, {node("small", "2"), node("big", "8")}) == "big has room now");
  const auto other = pod({container("6", "1Gi")}, "big");
  CHECK(nearest(one, {node("small", "1"), node("big", "8")}, {other}) == "big lacks 2 of 4 cpu");
  auto done = other;
  done["status"]["phase"] = "Succeeded";
  CHECK(nearest(one, {node("big", "8")}, {done}) == "big has room now");
  auto hungry = pod({container("1", "9.5Gi")});
  CHECK(nearest(hungry, {node("a", "4")}) == "a lacks 1.5Gi of 9.5Gi memory");
  json gpu = pod({{{"resources", {{"limits", {{"nvidia.com/gpu", "1"}}}}}}});
  CHECK(nearest(gpu, {node("a", "4")}) == "a lacks 1 of 1 nvidia.com/gpu");
}

TEST_CASE("of the labels that are asked for those are named that the nearest node has not") {
  const auto labelled = [](const std::string& name, const json& labels) {
    auto made = node(name, "8");
    made["metadata"]["labels"].update(labels);
    return made;
  };
  auto one = pod({container("1")});
  one["spec"]["nodeSelector"] = {{"disk", "ssd"}, {"product", "A10"}, {"zone", "a"}};
  CHECK(nearest(one, {node("b", "8"), labelled("a", {{"product", "H100"}})}) ==
        "a has not the labels that are asked for: disk=ssd; product=A10 (has H100)");
  one["spec"].erase("nodeSelector");
  const auto rule = [](const char* key, const char* what, const json& values) {
    return json{{"key", key}, {"operator", what}, {"values", values}};
  };
  auto& terms = one["spec"]["affinity"]["nodeAffinity"]
                   ["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"];
  terms = {{{"matchExpressions",
             {rule("zone", "In", {"b", "c"}), rule("gpu", "Exists", json::array()),
              rule("zone", "DoesNotExist", json::array()), rule("cores", "Gt", {"4"})}}}};
  CHECK(nearest(one, {labelled("a", {{"cores", "2"}})}) ==
        "a has not the labels that are asked for: zone in (b,c) (has a); gpu; !zone (has a); "
        "cores>4 (has 2)");
  terms.push_back({{"matchExpressions", {rule("disk", "In", {"ssd"})}}});  // or this
  CHECK(nearest(one, {node("a", "8")}) == "a has not the labels that are asked for: disk=ssd");
}

TEST_CASE("what no waiting for room removes: labels, taints, cordons") {
  auto one = pod({container("1")});
  one["spec"]["nodeSelector"] = {{"zone", "b"}};
  CHECK(nearest(one, {node("a", "8")}) ==
        "a has not the labels that are asked for: zone=b (has a)");
  CHECK(nearest(one, {node("a", "8"), node("b", "500m")}) == "b lacks 500m of 1 cpu");
  one["spec"].erase("nodeSelector");
  one["spec"]["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"] = {
      {"nodeSelectorTerms",
       {{{"matchExpressions", {{{"key", "zone"}, {"operator", "NotIn"}, {"values", {"a"}}}}}}}}};
  CHECK(nearest(one, {node("a", "8")}) ==
        "a has not the labels that are asked for: zone notin (a) (has a)");
  CHECK(nearest(one, {node("c", "8")}) == "c has room now");
  const json tainted = {
      {"taints", {{{"key", "gpu"}, {"value", "only"}, {"effect", "NoSchedule"}}}}};
  CHECK(nearest(one, {node("c", "8", tainted)}) == "c has the taint gpu=only");
  one["spec"]["tolerations"] = {{{"key", "gpu"}, {"operator", "Exists"}}};
  CHECK(nearest(one, {node("c", "8", tainted)}) == "c has room now");
  CHECK(nearest(one, {node("c", "8", {{"unschedulable", true}})}) == "c is cordoned");
}
