#include "workload/state.h"

#include <catch2/catch.hpp>

using namespace lotse::workload;

namespace {

json job(const std::string& name, const json& status, int completions = 1) {
  return {{"kind", "Job"},
          {"metadata",
           {{"name", name},
            {"uid", "uid-" + name},
            {"namespace", "ns"},
            {"creationTimestamp", "2026-11-24T10:00:00Z"},
            {"labels", {{label_workload, "w"}, {label_template, "train"}}}}},
          {"spec", {{"completions", completions}}},
          {"status", status}};
}

json condition(const std::string& type, const std::string& reason = "",
               const std::string& message = "") {
  return {{"conditions",
           {{{"type", type}, {"status", "True"}, {"reason", reason}, {"message", message}}}}};
}

json pod(const std::string& owner_uid, int index, const std::string& phase,
         const json& container = nullptr) {
  json made = {
      {"kind", "Pod"},
      {"metadata",
       {{"name", "p-" + std::to_string(index)},
        {"ownerReferences", {{{"uid", owner_uid}}}},
        {"annotations", {{"batch.kubernetes.io/job-completion-index", std::to_string(index)}}}}},
      {"spec", {{"containers", {{{"resources", {{"limits", {{"memory", "2Gi"}}}}}}}}}},
      {"status", {{"phase", phase}}}};
  if (!container.is_null()) made["status"]["containerStatuses"] = {container};
  return made;
}

json terminated(int code, const std::string& reason = "Error", const std::string& message = "") {
  return {
      {"state", {{"terminated", {{"exitCode", code}, {"reason", reason}, {"message", message}}}}}};
}

json waiting(const std::string& reason, const std::string& message) {
  return {{"state", {{"waiting", {{"reason", reason}, {"message", message}}}}}};
}

json deployment(int wanted, int ready, int64_t observed = 1) {
  return {{"kind", "Deployment"},
          {"metadata", {{"name", "w"}, {"uid", "uid-d"}, {"generation", 1}}},
          {"spec", {{"replicas", wanted}}},
          {"status",
           {{"observedGeneration", observed},
            {"replicas", wanted},
            {"updatedReplicas", wanted},
            {"readyReplicas", ready},
            {"availableReplicas", ready}}}};
}

}  // namespace

TEST_CASE("a Job without pods is pending, with all pods it runs, complete it has succeeded") {
  CHECK(state_of("w", {job("j", json::object())}).phase == Phase::pending);
  const auto running = state_of(
      "w", {job("j", json::object(), 2), pod("uid-j", 1, "Running"), pod("uid-j", 0, "Running")});
  CHECK(running.phase == Phase::running);
  CHECK(running.ready == 2);
  REQUIRE(running.pods.size() == 2);
  CHECK(running.pods[0].rank == 0);
  const auto done = state_of("w", {job("j", condition("Complete"))});
  CHECK(done.phase == Phase::succeeded);
  CHECK(done.exit_code == 0);
}

TEST_CASE("the exit code of a failed Job: the cause, not the peers that it took along") {
  const auto state = state_of(
      "w", {job("j", condition("Failed", "PodFailurePolicy", "it matched"), 2),
            pod("uid-j", 0, "Failed", terminated(76)),
            pod("uid-j", 1, "Failed", terminated(2, "Error", "data.yaml: no such file\nmore"))});
  CHECK(state.phase == Phase::failed);
  CHECK(state.exit_code == 2);
  CHECK(state.reason == "rank 1: exit 2: data.yaml: no such file");
}

TEST_CASE("a code that is not the contract's becomes 1, and stays beside it") {
  const auto state =
      state_of("w", {job("j", condition("Failed")), pod("uid-j", 0, "Failed", terminated(139))});
  CHECK(state.exit_code == 1);
  CHECK(state.container_code == 139);
}

TEST_CASE("a Job over its deadline says so in its own words, and no waiting cures it") {
  const auto state =
      state_of("w", {job("j", condition("Failed", "DeadlineExceeded",
                                        "Job was active longer than specified deadline")),
                     pod("uid-j", 0, "Failed", terminated(143))});
  CHECK(state.reason == "DeadlineExceeded: Job was active longer than specified deadline");
  CHECK(state.exit_code == 11);
  CHECK(state.impossible());
}

TEST_CASE("causes in one line") {
  const auto reason = [](const json& one) {
    return state_of("w", {job("j", json::object()), one}).reason;
  };
  CHECK(reason(pod("uid-j", 0, "Failed", terminated(137, "OOMKilled")))
            .starts_with("OOMKilled: the container used more than its memory limit of 2Gi; "));
  CHECK(reason(pod("uid-j", 0, "Pending",
                   waiting("ImagePullBackOff", "Back-off pulling image \"x\""))) ==
        "ImagePullBackOff: Back-off pulling image \"x\"");
  auto unscheduled = pod("uid-j", 0, "Pending");
  unscheduled["status"]["conditions"] = {
      {{"type", "PodScheduled"},
       {"status", "False"},
       {"reason", "Unschedulable"},
       {"message", "0/1 nodes are available: 1 Insufficient cpu."}}};
  CHECK(reason(unscheduled) == "Unschedulable: 0/1 nodes are available: 1 Insufficient cpu.");
  auto crash = pod("uid-j", 0, "Running", waiting("CrashLoopBackOff", "back-off 10s"));
  crash["status"]["containerStatuses"][0]["lastState"] =
      terminated(2, "Error", "no model")["state"];
  CHECK(reason(crash) == "CrashLoopBackOff, last: exit 2: no model");
  CHECK(reason(pod("uid-j", 0, "Pending", waiting("ContainerCreating", ""))).empty());
}

TEST_CASE("an event tells why a pod that is being created does not start") {
  const bool newer = GENERATE(false, true);  // events.k8s.io/v1 has other words than v1
  const json event = {{"kind", "Event"},
                      {"type", "Warning"},
                      {"reason", "FailedMount"},
                      {newer ? "note" : "message", "configmap \"c\" not found"},
                      {newer ? "regarding" : "involvedObject", {{"kind", "Pod"}, {"name", "p-0"}}}};
  const auto state =
      state_of("w", {job("j", json::object()),
                     pod("uid-j", 0, "Pending", waiting("ContainerCreating", "")), event});
  CHECK(state.reason == "FailedMount: configmap \"c\" not found");
}

TEST_CASE("of several Jobs the newest counts") {
  auto old = job("old", condition("Failed"));
  auto fresh = job("new", json::object());
  fresh["metadata"]["creationTimestamp"] = "2026-11-24T11:00:00Z";
  const auto state = state_of(
      "w", {fresh, old, pod("uid-old", 0, "Failed", terminated(1)), pod("uid-new", 0, "Running")});
  CHECK(state.phase == Phase::running);
  CHECK(state.object == "job/new");
}

TEST_CASE("of Jobs of the same second the one of the anchor's revision counts") {
  const auto of_revision = [](json one, const char* revision) {
    one["spec"]["template"]["metadata"]["annotations"][annotation_revision] = revision;
    return one;
  };
  const auto fresh = of_revision(job("fresh", json::object()), "00c0ffee");
  const auto old = of_revision(job("old", condition("Complete")), "99999999");
  const json anchor = {
      {"kind", "ConfigMap"},
      {"metadata",
       {{"name", "w"},
        {"annotations", {{annotation_kind, "train"}, {annotation_revision, "00c0ffee"}}}}}};
  CHECK(state_of("w", {anchor, fresh, old}).object == "job/fresh");
  CHECK(state_of("w", {anchor, old, fresh}).object == "job/fresh");
}

TEST_CASE("a Deployment is ready when all its pods are, under its newest generation") {
  CHECK(state_of("w", {deployment(2, 2)}).phase == Phase::ready);
  CHECK(state_of("w", {deployment(2, 1)}).phase != Phase::ready);
  CHECK(state_of("w", {deployment(2, 2, 0)}).phase != Phase::ready);
  CHECK(state_of("w", {deployment(2, 2)}).long_running);
}

TEST_CASE("a Service's address: inside the cluster, or what the local executor found") {
  json service = {{"kind", "Service"},
                  {"metadata", {{"name", "w"}, {"namespace", "ns"}}},
                  {"spec", {{"ports", {{{"port", 80}}}}}}};
  CHECK(state_of("w", {deployment(1, 1), service}).urls ==
        std::vector<std::string>{"http://w.ns.svc:80"});
  auto local = service;
  local["metadata"]["annotations"][annotation_url] = "http://127.0.0.1:1234";
  CHECK(state_of("w", {deployment(1, 1), local}).urls ==
        std::vector<std::string>{"http://127.0.0.1:1234"});
  service["spec"]["clusterIP"] = "None";
  CHECK(state_of("w", {deployment(1, 1), service}).urls.empty());
}

TEST_CASE("objects are sorted by their workload's label; odd ones do no harm") {
  const auto sorted =
      by_workload({job("j", json::object()), json::object(), {{"metadata", nullptr}}, nullptr});
  REQUIRE(sorted.size() == 1);
  CHECK(sorted[0].first == "w");
  CHECK_NOTHROW(state_of(
      "x", {json::object(), nullptr, {{"kind", "Job"}, {"status", nullptr}, {"spec", 3}}}));
}

TEST_CASE("a termination message made of event lines is told by its error") {
  const std::string lines =
      "{\"event\":\"start\",\"message\":\"go\"}\n{\"event\":\"error\",\"message\":\"no such "
      "model\"}";
  const auto state = state_of("w", {job("j", condition("Failed")),
                                    pod("uid-j", 0, "Failed", terminated(2, "Error", lines))});
  CHECK(state.reason == "exit 2: no such model");
}
