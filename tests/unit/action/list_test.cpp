// `list` over an API server in memory: what it leaves out of the objects makes no difference.
#include <catch2/catch.hpp>
#include <set>

#include "action/status.h"
#include "document/raw_json.h"
#include "support/api_target.h"
#include "workload/fit.h"
#include "workload/gpus.h"

using namespace lotse;
using namespace lotse::action;
using test::MemoryApi;

namespace {

/// What a real pod has beside what tells its state.
json with_everything(json pod) {
  json container = json::parse(R"({
    "name": "main", "image": "registry.example/i:1", "args": ["a"], "command": ["/c"],
    "env": [{"name": "A", "value": "b"}], "ports": [{"containerPort": 8080, "name": "http"}],
    "readinessProbe": {"tcpSocket": {"port": "http"}}, "volumeMounts": [{"name": "v", "mountPath": "/v"}],
    "resources": {"limits": {"memory": "64Mi", "nvidia.com/gpu": "1"}, "requests": {"cpu": "100m"}}})");
  pod["spec"]["containers"] = json::array({container});
  pod["spec"]["tolerations"] = {{{"key", "x"}, {"operator", "Exists"}}};
  pod["spec"]["volumes"] = {{{"name", "v"}, {"persistentVolumeClaim", {{"claimName", "data"}}}}};
  pod["metadata"]["managedFields"] = {{{"manager", "kubelet"}}};
  pod["metadata"]["creationTimestamp"] = "2026-01-01T00:00:00Z";
  return pod;
}

class Fleet {
 public:
  MemoryApi api;

  void add(const std::string& collection, const std::string& workload, const std::string& name,
           json object) {
    object["metadata"]["name"] = name;
    object["metadata"]["namespace"] = "ns";
    object["metadata"]["uid"] = "uid-of-" + name;
    object["metadata"]["labels"]["app.kubernetes.io/managed-by"] = "lotse";
    object["metadata"]["labels"]["lotse.dev/workload"] = workload;
    api.objects[collection + "/" + name] = std::move(object);
  }

  void add_anchor(const std::string& workload, const std::string& kind) {
    const json notes = {{"lotse.dev/kind", kind}, {"lotse.dev/revision", "1"}};
    add(core + "configmaps", workload, workload, {{"metadata", {{"annotations", notes}}}});
  }

  void add_pod(const std::string& workload, const std::string& owner, const std::string& name,
               const json& status) {
    json pod = {{"status", status}};
    pod["metadata"]["ownerReferences"] = {{{"uid", "uid-of-" + owner}}};
    if (status.value("phase", "") != "Pending") pod["spec"]["nodeName"] = "n1";
    add(core + "pods", workload, name, with_everything(pod));
  }

  void add_event(const std::string& about, const std::string& reason, const std::string& note) {
    const json event = {{"metadata", {{"name", about + ".1"}, {"namespace", "ns"}}},
                        {"type", "Warning"},
                        {"reason", reason},
                        {"note", note},
                        {"regarding", {{"kind", "Pod"}, {"name", about}}}};
    api.objects["/apis/events.k8s.io/v1/namespaces/ns/events/" + about + ".1"] = event;
  }

  inline static const std::string core = "/api/v1/namespaces/ns/";
};

json container_status(const std::string& text) {
  return {{"phase", "Running"}, {"containerStatuses", json::array({json::parse(text)})}};
}

/// As the controller of ReplicaSets names a pod's owner.
void own(Fleet& fleet, const std::string& pod, const std::string& set, const std::string& hash) {
  auto& metadata = fleet.api.objects.at(Fleet::core + "pods/" + pod)["metadata"];
  metadata["labels"]["pod-template-hash"] = hash;
  metadata["ownerReferences"] = {{{"kind", "ReplicaSet"}, {"name", set}, {"uid", "uid-of-" + set}}};
}

void add_workloads(Fleet& fleet) {
  fleet.add_anchor("web", "service");
  fleet.add("/apis/apps/v1/namespaces/ns/deployments", "web", "web",
            json::parse(R"({"metadata": {"generation": 1}, "spec": {"replicas": 1, "template":
              {"metadata": {"annotations": {"lotse.dev/revision": "1"}}, "spec": {"containers": []}}},
              "status": {"replicas": 1, "readyReplicas": 1, "updatedReplicas": 1,
                         "availableReplicas": 1, "observedGeneration": 1}})"));
  fleet.add("/apis/apps/v1/namespaces/ns/replicasets", "web", "web-1",
            {{"metadata", {{"ownerReferences", {{{"uid", "uid-of-web"}}}}}}});
  fleet.add_pod("web", "web-1", "web-1-a",
                container_status(R"({"name": "main", "ready": true, "state": {"running": {}}})"));
  own(fleet, "web-1-a", "web-1", "1");
  fleet.add(Fleet::core + "services", "web", "web", {{"spec", {{"ports", {{{"port", 80}}}}}}});
  fleet.add_anchor("run", "train");
  fleet.add("/apis/batch/v1/namespaces/ns/jobs", "run", "run-1",
            {{"spec", {{"completions", 3}, {"parallelism", 3}}}, {"status", {{"active", 3}}}});
  fleet.add_pod("run", "run-1", "run-1-0", container_status(R"({"name": "main", "restartCount": 3,
    "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}},
    "lastState": {"terminated": {"exitCode": 137, "reason": "OOMKilled"}}})"));
  fleet.add_pod("run", "run-1", "run-1-1", json::parse(R"({"phase": "Pending", "conditions":
    [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable",
      "message": "0/1 nodes are available: 1 Insufficient memory."}]})"));
  fleet.add_pod("run", "run-1", "run-1-2", json::parse(R"({"phase": "Pending"})"));
  fleet.add_event("run-1-2", "FailedMount", "MountVolume.SetUp failed for volume \"v\"");
  fleet.add(Fleet::core + "persistentvolumeclaims", "run", "data",
            {{"status", {{"phase", "Bound"}}}});
  fleet.add(Fleet::core + "persistentvolumeclaims", "gone", "left", json::object());
}

/// A Deployment with its ReplicaSets and the pods of each, as the controllers name them.
void add_deployment(Fleet& fleet, const std::string& name, json deployment,
                    const std::vector<std::pair<std::string, std::vector<json>>>& sets) {
  const std::string apps = "/apis/apps/v1/namespaces/ns/";
  fleet.add_anchor(name, "service");
  deployment["metadata"]["generation"] = 2;
  deployment["spec"]["template"]["metadata"]["annotations"]["lotse.dev/revision"] = "1";
  fleet.add(apps + "deployments", name, name, deployment);
  int rollout = 0;
  for (const auto& [hash, pods] : sets) {
    const auto set = name + "-" + hash;
    const json owner = {{"kind", "Deployment"}, {"name", name}, {"uid", "uid-of-" + name}};
    const json notes = {{"deployment.kubernetes.io/revision", std::to_string(++rollout)}};
    fleet.add(apps + "replicasets", name, set,
              {{"metadata", {{"ownerReferences", {owner}}, {"annotations", notes}}}});
    for (size_t i = 0; i < pods.size(); ++i) {
      const auto pod = set + "-" + std::to_string(i);
      fleet.add_pod(name, set, pod, pods[i]);
      own(fleet, pod, set, hash);
    }
  }
}

json deployment_with(int64_t replicas, int64_t updated, int64_t available) {
  return {{"spec", {{"replicas", replicas}}},
          {"status",
           {{"observedGeneration", 2},
            {"replicas", std::max(replicas, updated)},
            {"readyReplicas", available},
            {"updatedReplicas", updated},
            {"availableReplicas", available}}}};
}

json without(const json& object, const std::vector<document::RawPath>& unread) {
  return json::parse(document::without_members(object.dump(), unread));
}

}  // namespace

TEST_CASE("list says of each workload what status says of it") {
  Fleet fleet;
  add_workloads(fleet);
  const auto target = test::make_api_target(fleet.api);
  const auto states = list(*target);
  REQUIRE(states.size() == 2);  // a claim that was left behind is none
  CHECK(states[0].name == "run");
  for (const auto& state : states)
    CHECK(workload::to_json(state) == workload::to_json(status(*target, state.name)));
  std::set<std::string> codes;
  for (const auto& cause : states[0].causes) codes.emplace(cause.code.kind().code);
  CHECK(codes == std::set<std::string>{"MountFailed", "NoNodeFits", "OutOfMemory"});
  CHECK(states[1].phase == workload::Phase::ready);
  CHECK(target->names() == std::vector<std::string>{"run", "web"});
}

TEST_CASE(
    "list asks for the ReplicaSets of those Deployments alone that are not as they are wanted") {
  Fleet fleet;
  const auto well =
      container_status(R"({"name": "main", "ready": true, "state": {"running": {}}})");
  const auto hopeless = container_status(R"({"name": "main", "restartCount": 3,
    "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}},
    "lastState": {"terminated": {"exitCode": 2, "reason": "Error"}}})");
  add_deployment(fleet, "well", deployment_with(2, 2, 2), {{"old", {}}, {"new", {well, well}}});
  add_deployment(fleet, "stopped", deployment_with(0, 0, 0), {{"new", {}}});
  std::vector<std::string> asked;
  fleet.api.refuse_request =
      [&](const net::Request& request) -> std::optional<std::pair<int, json>> {
    if (request.url.find("/replicasets") != std::string::npos) asked.push_back(request.url);
    if (request.url.find("/horizontalpodautoscalers") != std::string::npos)
      return std::pair(403, json{{"kind", "Status"}, {"message", "not allowed"}});
    return {};
  };
  const auto target = test::make_api_target(fleet.api);
  const auto are_as_status_says = [&] {
    const auto states = list(*target);
    const auto asked_by_list = asked;
    for (const auto& state : states)
      CHECK(workload::to_json(state) == workload::to_json(status(*target, state.name)));
    asked = asked_by_list;
    return states;
  };
  const auto settled = are_as_status_says();
  CHECK(asked.empty());
  REQUIRE(settled.size() == 2);
  CHECK(settled[0].phase == workload::Phase::stopped);
  CHECK(settled[1].phase == workload::Phase::ready);
  CHECK(settled[1].pods.size() == 2);

  add_deployment(fleet, "worse", deployment_with(1, 1, 1), {{"old", {well}}, {"new", {hopeless}}});
  fleet.api.objects.at("/apis/apps/v1/namespaces/ns/deployments/worse")["status"]["replicas"] = 2;
  const auto states = are_as_status_says();
  REQUIRE(asked.size() == 1);
  CHECK_THAT(asked[0], Catch::Contains("lotse.dev%2Fworkload%20in%20%28worse%29"));
  REQUIRE(states.size() == 3);
  CHECK(states[2].phase == workload::Phase::failed);
  CHECK(states[2].pods.size() == 2);
}

TEST_CASE("room on nodes is the same without what is left out of nodes and pods") {
  Fleet fleet;
  add_workloads(fleet);
  std::vector<json> nodes = {json::parse(R"({"metadata": {"name": "n1", "labels": {"zone": "a"},
    "annotations": {"b": "c"}, "managedFields": []}, "spec": {"taints": [{"key": "t", "effect": "NoSchedule"}]},
    "status": {"allocatable": {"cpu": "150m", "memory": "100Mi", "nvidia.com/gpu": "2", "pods": "9"},
               "capacity": {"cpu": "1"}, "images": [{"names": ["x"]}], "conditions": [{"type": "Ready", "status": "True"}]}})")};
  std::vector<json> trimmed = {without(nodes[0], workload::unread_of_nodes())};
  CHECK_FALSE(trimmed[0]["status"].contains("capacity"));
  workload::Occupied whole, part;
  json wanted;
  for (const auto& [path, object] : fleet.api.objects) {
    if (!path.starts_with(Fleet::core + "pods/")) continue;
    whole.add(object);
    part.add(without(object, workload::unread_of_pods_elsewhere()));
    wanted = object;
  }
  CHECK(to_string(workload::misses(wanted, nodes, whole).at(0)) ==
        to_string(workload::misses(wanted, trimmed, part).at(0)));
  CHECK(to_string(workload::misses(wanted, nodes, whole).at(0)).find("lacks") != std::string::npos);
  REQUIRE(workload::gpus_of(nodes, whole).size() == 1);
  CHECK(workload::gpus_of(nodes, whole)[0].used == 2);
  CHECK(workload::gpus_of(trimmed, part)[0].used == 2);
}
