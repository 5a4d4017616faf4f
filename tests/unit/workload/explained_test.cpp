// What the objects of others say of a workload: autoscalers, Kueue's Workloads, PodGroups. The
// words are those of Kubernetes 1.37 and Kueue 0.17; the cluster cases `autoscaled` and `gang` and
// tests/soak/kueue show the same of real servers.
#include <catch2/catch.hpp>

#include "workload/state.h"

using namespace lotse::workload;

namespace {

json deployment(int wanted, int ready) {
  return {{"kind", "Deployment"},
          {"metadata", {{"name", "w"}, {"uid", "uid-d"}, {"labels", {{label_workload, "w"}}}}},
          {"spec", {{"replicas", wanted}}},
          {"status",
           {{"replicas", wanted},
            {"updatedReplicas", wanted},
            {"readyReplicas", ready},
            {"availableReplicas", ready}}}};
}

json autoscaler(const json& conditions, const std::string& target = "w") {
  return {{"kind", "HorizontalPodAutoscaler"},
          {"metadata", {{"name", "scaler"}}},
          {"spec",
           {{"minReplicas", 0},
            {"maxReplicas", 3},
            {"scaleTargetRef", {{"kind", "Deployment"}, {"name", target}}}}},
          {"status", {{"conditions", conditions}}}};
}

json condition(const char* type, const char* status, const char* reason, const char* message) {
  return {{"type", type}, {"status", status}, {"reason", reason}, {"message", message}};
}

const json scaled_to_zero = condition("ScaledToZero", "True", "ScaledToZero",
                                      "the HPA controller scaled the workload to zero");
const json disabled =
    condition("ScalingActive", "False", "ScalingDisabled",
              "scaling is disabled since the replica count of the target is zero");
const json blind = condition("ScalingActive", "False", "FailedGetResourceMetric",
                             "the HPA was unable to compute the replica count: no metrics");

json queued_job() {
  json made = {{"kind", "Job"},
               {"metadata",
                {{"name", "j"},
                 {"uid", "uid-j"},
                 {"labels", {{label_workload, "w"}, {label_queue, "team-q"}}}}},
               {"spec", {{"suspend", true}}}};
  return made;
}

json kueue_workload(const json& conditions, bool active = true) {
  return {{"kind", "Workload"},
          {"apiVersion", "kueue.x-k8s.io/v1beta2"},
          {"metadata",
           {{"name", "job-j-1"},
            {"ownerReferences", {{{"kind", "Job"}, {"name", "j"}, {"uid", "uid-j"}}}}}},
          {"spec", {{"active", active}}},
          {"status", {{"conditions", conditions}}}};
}

json gang_pod(std::initializer_list<json> conditions = {}) {
  return {{"kind", "Pod"},
          {"metadata", {{"name", "p"}, {"ownerReferences", {{{"uid", "uid-j"}}}}}},
          {"spec", {{"schedulingGroup", {{"podGroupName", "gang"}}}}},
          {"status", {{"phase", "Pending"}, {"conditions", json::array_t(conditions)}}}};
}

json gang(std::initializer_list<json> conditions) {
  return {{"kind", "PodGroup"},
          {"metadata", {{"name", "gang"}}},
          {"status", {{"conditions", json::array_t(conditions)}}}};
}

std::vector<std::string> codes_of(const State& state) {
  std::vector<std::string> codes;
  for (const auto& cause : state.causes) codes.emplace_back(cause.code.kind().code);
  return codes;
}
using Codes = std::vector<std::string>;

State queued(std::initializer_list<json> conditions, bool active = true) {
  return state_of("w", {queued_job(), kueue_workload(json::array_t(conditions), active)});
}

}  // namespace

TEST_CASE("what its autoscaler scaled to nothing is idle, what a person did is stopped") {
  const auto idle = state_of("w", {deployment(0, 0), autoscaler(json::array({scaled_to_zero}))});
  CHECK(idle.phase == Phase::idle);
  CHECK(codes_of(idle) == Codes{"ScaledToZero"});
  CHECK(idle.causes[0].objects ==
        std::vector<std::string>{"deployment/w", "horizontalpodautoscaler/scaler"});
  CHECK(idle.causes[0].evidence ==
        "ScaledToZero: the HPA controller scaled the workload to zero (from 0 to 3 replicas)");

  const auto stopped = state_of("w", {deployment(0, 0), autoscaler(json::array({disabled}))});
  CHECK(stopped.phase == Phase::stopped);
  CHECK(codes_of(stopped) == Codes{"Suspended"});
  CHECK(stopped.reason ==
        "it is scaled to 0 replicas; its autoscaler: ScalingDisabled: scaling is disabled since "
        "the replica count of the target is zero");
  const auto another =
      state_of("w", {deployment(0, 0), autoscaler(json::array({scaled_to_zero}), "other")});
  CHECK(another.phase == Phase::stopped);
  CHECK(another.reason == "it is scaled to 0 replicas");
}

TEST_CASE("what its schedule scaled to nothing is idle") {
  auto asleep = deployment(0, 0);
  asleep["metadata"]["annotations"] = {{"lotse.dev/schedule", "daily 08:00-20:00 = 5; else 0"},
                                       {"lotse.dev/time-zone", "Europe/Berlin"}};
  const auto idle = state_of("w", {asleep});
  CHECK(idle.phase == Phase::idle);
  CHECK(codes_of(idle) == Codes{"ScaledToZero"});
  CHECK(idle.causes[0].evidence ==
        "its schedule brings it back: daily 08:00-20:00 = 5; else 0 (Europe/Berlin)");
}

TEST_CASE("an autoscaler that cannot read its metric is a cause, of what is well too") {
  const auto ready = state_of("w", {deployment(1, 1), autoscaler(json::array({blind}))});
  CHECK(ready.phase == Phase::ready);
  CHECK(codes_of(ready) == Codes{"AutoscalerFailing"});
  CHECK(ready.causes[0].evidence ==
        "ScalingActive is False: FailedGetResourceMetric: the HPA was unable to compute the "
        "replica count: no metrics");
  // From zero it cannot come back.
  CHECK(codes_of(
            state_of("w", {deployment(0, 0), autoscaler(json::array({scaled_to_zero, blind}))})) ==
        Codes{"AutoscalerFailing", "ScaledToZero"});
  CHECK(state_of("w", {deployment(1, 1), autoscaler(json::array())}).causes.empty());
}

TEST_CASE("what Kueue says of a queued run is passed on by name") {
  const auto plain = queued({});
  CHECK(plain.phase == Phase::queued);
  CHECK(plain.reason == "waits in the queue 'team-q' until it is admitted");
  const auto used_up = queued(
      {condition("QuotaReserved", "False", "Pending",
                 "couldn't assign flavors to pod set main: insufficient unused quota for cpu in "
                 "flavor default, 1 more needed")});
  CHECK(codes_of(used_up) == Codes{"Queued"});
  CHECK_THAT(used_up.reason, Catch::StartsWith("waits in the queue 'team-q': Pending: couldn't"));
  CHECK(used_up.causes[0].objects == std::vector<std::string>{"job/j", "workload/job-j-1"});
  CHECK_THAT(queued({condition("QuotaReserved", "False", "WaitingForQuota", "some")}).reason,
             Catch::Contains("WaitingForQuota: some"));
  const auto preempted = queued({condition("QuotaReserved", "False", "Pending", "not yet"),
                                 condition("Evicted", "True", "Preempted", "for another")});
  CHECK_THAT(preempted.reason,
             Catch::Contains("Pending: not yet; evicted: Preempted: for another"));
  CHECK_FALSE(preempted.impossible());
  auto checked =
      kueue_workload(json::array({condition("QuotaReserved", "True", "QuotaReserved", "")}));
  checked["status"]["admissionChecks"] = {
      {{"name", "nodes"}, {"state", "Pending"}, {"message", "coming"}}};
  CHECK_THAT(state_of("w", {queued_job(), checked}).reason,
             Catch::Contains("quota is reserved, waits for nodes Pending: coming"));
}

TEST_CASE("a queue that is not there blocks, one that is too small never admits") {
  const auto missing = queued(
      {condition("QuotaReserved", "False", "Inadmissible", "LocalQueue team-q doesn't exist")});
  CHECK(codes_of(missing) == Codes{"QueueUnavailable"});
  CHECK(missing.causes[0].code.kind().blocks);
  CHECK_FALSE(missing.impossible());
  const std::string too_much =
      "couldn't assign flavors to pod set main: insufficient quota for cpu in flavor default, "
      "previously considered podsets requests (0) + current podset request (9) > maximum capacity "
      "(4)";
  const auto never = queued({condition("QuotaReserved", "False", "Pending", too_much.c_str())});
  CHECK(codes_of(never) == Codes{"QueueTooSmall"});
  CHECK(never.phase == Phase::queued);
  CHECK(never.impossible());
  CHECK(queued({condition("QuotaReserved", "False", "ExceedsMaxQuota", "x")}).impossible());
  CHECK(queued({condition("QuotaReserved", "False", "Pending",
                          "couldn't assign flavors to pod set main: resource memory unavailable in "
                          "ClusterQueue")})
            .impossible());
  // Another flavor of the queue has room once others have ended.
  const auto waits =
      queued({condition("QuotaReserved", "False", "Pending",
                        (too_much + ", insufficient unused quota for cpu in flavor b, 1 more "
                                    "needed")
                            .c_str())});
  CHECK(codes_of(waits) == Codes{"Queued"});
}

TEST_CASE("a run that was taken out of its queue is stopped") {
  const auto stopped =
      queued({condition("Evicted", "True", "Deactivated", "The workload is deactivated")}, false);
  CHECK(stopped.phase == Phase::stopped);
  CHECK(codes_of(stopped) == Codes{"Suspended"});
  CHECK(stopped.reason ==
        "it is out of the queue 'team-q': Deactivated: The workload is deactivated");
}

TEST_CASE("a gang that cannot be placed whole is told in the scheduler's words") {
  auto job = queued_job();
  job["spec"]["suspend"] = false;
  const auto trouble = gang({condition("PodGroupInitiallyScheduled", "False", "Unschedulable",
                                       "minCount (2) cannot be satisfied")});
  const auto gated = state_of("w", {job, gang_pod(), trouble});
  CHECK(codes_of(gated) == Codes{"GangNotScheduled"});
  CHECK(gated.causes[0].objects == std::vector<std::string>{"pod/p", "podgroup/gang"});
  CHECK(gated.reason == "podgroup/gang: Unschedulable: minCount (2) cannot be satisfied");
  // What a node lacks says more.
  const auto short_of =
      state_of("w", {job,
                     gang_pod({condition("PodScheduled", "False", "Unschedulable",
                                         "0/1 nodes are available: 1 Insufficient cpu.")}),
                     trouble});
  CHECK(codes_of(short_of) == Codes{"NoNodeFits"});
  CHECK_THAT(short_of.reason, Catch::Contains("Insufficient cpu") && Catch::Contains("minCount"));
  CHECK(state_of("w", {job, gang_pod(), gang({})}).causes.empty());
  // The scheduler looks at no pod of a group before enough of them are there, and says nothing.
  auto half = gang({});
  half["spec"]["schedulingPolicy"]["gang"]["minCount"] = 2;
  CHECK(state_of("w", {job, gang_pod(), half}).reason ==
        "podgroup/gang: the scheduler waits until 2 pods of the group are there (minCount)");
  CHECK(state_of("w", {job, gang_pod()}).reason ==
        "podgroup/gang, which the pod names, is not there, or not for you to read");
  CHECK(codes_of(state_of(
            "w", {job, gang_pod(),
                  gang({condition("DisruptionTarget", "True", "PreemptionByScheduler", "x")})})) ==
        Codes{"GangNotScheduled"});
}

TEST_CASE("what is asked for besides is what may explain something") {
  CHECK_FALSE(explaining({queued_job()}).autoscalers);
  CHECK(explaining({queued_job()}).queued == std::vector<std::string>{"uid-j"});
  CHECK(explaining({deployment(1, 1)}).autoscalers);
  CHECK(explaining({gang_pod()}).pod_groups);
  auto placed = gang_pod();
  placed["spec"]["nodeName"] = "n";
  CHECK_FALSE(explaining({placed}).pod_groups);
  auto running = queued_job();
  running["spec"]["suspend"] = false;
  CHECK(explaining({running}).queued.empty());
}

TEST_CASE("the objects of others are sorted to the workload that they are about") {
  auto member = gang_pod();
  member["metadata"]["labels"][label_workload] = "w";
  const auto sorted = by_workload({deployment(0, 0), autoscaler(json::array({scaled_to_zero})),
                                   autoscaler(json::array({scaled_to_zero}), "other"), queued_job(),
                                   kueue_workload(json::array()), member, gang({})});
  REQUIRE(sorted.size() == 1);
  CHECK(sorted[0].second.size() == 6);
}
