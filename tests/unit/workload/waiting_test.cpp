// What a workload says while it waits, and once its Job is gone.
#include <catch2/catch.hpp>

#include "workload/pod.h"
#include "workload/refusal.h"
#include "workload/state.h"

using namespace lotse::workload;

namespace {

json anchor() {
  return {{"kind", "ConfigMap"},
          {"metadata",
           {{"name", "w"},
            {"labels", {{label_workload, "w"}, {label_template, "train"}}},
            {"annotations", {{annotation_kind, "train"}, {annotation_revision, "00c0ffee"}}}}}};
}

json job(int completions = 1) {
  json made = {{"kind", "Job"},
               {"metadata", {{"name", "w-00c0ffee"}, {"uid", "uid-j"}}},
               {"spec", {{"completions", completions}}},
               {"status", json::object()}};
  made["spec"]["template"]["metadata"]["annotations"][annotation_revision] = "00c0ffee";
  return made;
}

json pod(const std::string& name, int rank, const std::string& phase) {
  return {{"kind", "Pod"},
          {"metadata",
           {{"name", name},
            {"ownerReferences", {{{"uid", "uid-j"}}}},
            {"annotations", {{"batch.kubernetes.io/job-completion-index", std::to_string(rank)}}}}},
          {"spec", {{"nodeName", "n1"}}},
          {"status", {{"phase", phase}}}};
}

json with_container(json one, const json& status) {
  one["status"]["containerStatuses"] = {status};
  return one;
}

json ended(int code, const std::string& message = "") {
  return {{"ready", false},
          {"state", {{"terminated", {{"exitCode", code}, {"message", message}}}}}};
}

json event(const std::string& kind, const std::string& name, const std::string& reason,
           const std::string& note, const std::string& time = "2026-11-24T10:00:00Z") {
  const bool good = reason == "SuccessfulCreate" || reason == "Completed";
  return {{"kind", "Event"},
          {"type", good ? "Normal" : "Warning"},
          {"reason", reason},
          {"note", note},
          {"deprecatedLastTimestamp", time},
          {"regarding", {{"kind", kind}, {"name", name}}}};
}

json refused(const std::string& why, const std::string& time = "2026-11-24T10:00:00Z") {
  return event("Job", "w-00c0ffee", "FailedCreate",
               "Error creating: pods \"w-00c0ffee-1-abcde\" is forbidden: " + why, time);
}

const std::string quota = "exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1";

}  // namespace

TEST_CASE("a Job that its queue suspends is queued, one that the user suspends is stopped") {
  auto suspended = job();
  suspended["spec"]["suspend"] = true;
  suspended["status"]["conditions"] = {
      {{"type", "Suspended"}, {"status", "True"}, {"reason", "JobSuspended"}}};
  CHECK(state_of("w", {suspended}).phase == Phase::stopped);
  suspended["metadata"]["labels"][label_queue] = "team-q";
  const auto queued = state_of("w", {suspended});
  CHECK(queued.phase == Phase::queued);
  CHECK_FALSE(queued.ended());
  CHECK(queued.reason == "waits in the queue 'team-q' until it is admitted");
  suspended["status"]["conditions"][0]["reason"] = "Stopped";  // as the local executor says it
  CHECK(state_of("w", {suspended}).phase == Phase::stopped);
}

TEST_CASE("a Job that is gone: what the anchor keeps, what its Events say, else gone") {
  const auto gone = state_of("w", {anchor()});
  CHECK(gone.phase == Phase::gone);
  CHECK_FALSE(gone.ended());
  CHECK(gone.object.empty());
  CHECK(state_of("w", {anchor(), event("Job", "w-00c0ffee", "Completed", "Job completed")}).phase ==
        Phase::succeeded);
  const auto failed =
      state_of("w", {anchor(), event("Job", "w-00c0ffee", "PodFailurePolicy",
                                     "Container runner for pod ns/p failed with exit code 2 "
                                     "matching FailJob rule at index 0")});
  CHECK(failed.phase == Phase::failed);
  CHECK(failed.exit_code == 2);
  // A run that was started after the one that completed.
  CHECK(state_of("w", {anchor(), event("Job", "w-00c0ffee", "Completed", "Job completed"),
                       event("Job", "w-00c0ffee", "SuccessfulCreate", "Created pod: p",
                             "2026-11-24T11:00:00Z")})
            .phase == Phase::gone);

  State known;
  known.phase = Phase::failed;
  known.exit_code = 1;
  known.container_code = 139;
  known.reason = "exit 139";
  auto keeps = anchor();
  keeps["metadata"]["annotations"][annotation_result] = result_of(known, "00c0ffee");
  const auto recorded = state_of("w", {keeps});
  CHECK(recorded.phase == Phase::failed);
  CHECK(recorded.exit_code == 1);
  CHECK(recorded.container_code == 139);
  CHECK(recorded.reason == "exit 139");
  CHECK(names_in_trouble("w", {keeps}).empty());
  keeps["metadata"]["annotations"][annotation_result] = result_of(known, "another");
  CHECK(state_of("w", {keeps}).phase == Phase::gone);
  keeps["metadata"]["annotations"][annotation_result] = "damaged";
  CHECK(state_of("w", {keeps}).phase == Phase::gone);
}

TEST_CASE("the Job of an earlier revision says nothing of the one that is gone") {
  auto earlier = job();
  earlier["spec"]["template"]["metadata"]["annotations"][annotation_revision] = "99999999";
  earlier["status"]["conditions"] = {{{"type", "Complete"}, {"status", "True"}}};
  CHECK(state_of("w", {anchor(), earlier}).phase == Phase::gone);
}

TEST_CASE("half a gang says why the other half is missing") {
  const auto state = state_of("w", {anchor(), job(2), pod("p0", 0, "Running"), refused(quota)});
  CHECK(state.phase == Phase::starting);
  CHECK(state.reason == "only 1 of 2 pods are there; no pod can be made: " + quota);
  CHECK_FALSE(state.impossible());
  const auto none = state_of("w", {anchor(), job(2), refused(quota)});
  CHECK(none.phase == Phase::pending);
  CHECK(none.reason == "no pod can be made: " + quota);
  // All pods are there: what was refused before is past.
  CHECK(state_of("w", {anchor(), job(), pod("p0", 0, "Running"), refused(quota)}).reason.empty());
}

TEST_CASE("between two pods of a rank the reason is told") {
  const auto made = [](const char* name, const char* time) {
    return event("Job", "w-00c0ffee", "SuccessfulCreate", std::string("Created pod: ") + name,
                 time);
  };
  const auto of_failed =
      state_of("w", {job(2), pod("p1", 1, "Running"),
                     with_container(pod("p0", 0, "Failed"), ended(75, "saved"))});
  CHECK(of_failed.reason ==
        "rank 0: exit 75: saved; another pod comes after the Job's back-off, which doubles with "
        "each pod that ends");
  auto ending = with_container(pod("p0", 0, "Running"), {{"ready", true}});
  ending["metadata"]["deletionTimestamp"] = "2026-11-24T10:00:00Z";
  CHECK(state_of("w", {job(1), ending}).reason ==
        "its pod is still ending on node n1; another comes after that");
  // An evicted pod is deleted: only the Job's Events know of it, and of a refusal before it.
  auto begun = job(1);
  begun["status"]["startTime"] = "2026-11-24T09:00:00Z";
  const auto evicted = state_of(
      "w", {begun, refused(quota, "2026-11-24T10:00:00Z"), made("p0", "2026-11-24T11:00:00Z")});
  CHECK(evicted.reason ==
        "a pod was deleted or evicted; another pod comes after the Job's back-off, which doubles "
        "with each pod that ends");
  // An Event may tell of a pod that is newer than the list of pods.
  const auto news = made("p0", "2026-11-24T11:00:00Z");
  CHECK(state_of("w", {job(1), news}).reason.empty());
  begun["status"]["active"] = 1;
  CHECK(state_of("w", {begun, news}).reason.empty());
  // A rank that runs again has no trouble, whatever its earlier pods ended with.
  auto again = pod("p0-b", 0, "Running");
  again["metadata"]["creationTimestamp"] = "2026-11-24T12:00:00Z";
  CHECK(state_of("w", {job(1), with_container(pod("p0-a", 0, "Failed"), ended(76)), again})
            .reason.empty());
  CHECK(state_of("w", {job(2), pod("p0", 0, "Pending")}).reason.empty());
}

TEST_CASE("what the server refuses for good is impossible, what may pass is not") {
  const auto impossible = [](const std::string& why) {
    return refusal_in("Error creating: pods \"w-1-x\" is forbidden: " + why).impossible;
  };
  CHECK(impossible("violates PodSecurity \"restricted:latest\": runAsNonRoot != true"));
  CHECK(impossible("maximum cpu usage per Container is 1, but limit is 2"));
  CHECK(
      impossible("exceeded quota: q, requested: limits.cpu=2,pods=1, used: limits.cpu=0,pods=0, "
                 "limited: limits.cpu=1500m,pods=10"));
  CHECK(impossible("exceeded quota: q, requested: pods=1, used: pods=0, limited: pods=0"));
  CHECK(impossible("failed quota: q: must specify limits.cpu for: runner"));
  CHECK(refusal_in("Error creating: Pod \"w\" is invalid: spec.x: Invalid value").impossible);
  CHECK_FALSE(impossible(quota));
  CHECK_FALSE(refusal_in("Error creating: Internal error occurred: failed calling webhook \"x\"")
                  .impossible);
  CHECK(refusal_in("Error creating: pods \"w-1-x\" is forbidden: " + quota).evidence ==
        "no pod can be made: " + quota);
}

TEST_CASE("a Deployment's refused pods and names of images that cannot be") {
  json deployment = {{"kind", "Deployment"},
                     {"metadata", {{"name", "w"}, {"uid", "uid-d"}}},
                     {"spec", {{"replicas", 1}}},
                     {"status",
                      {{"conditions",
                        {{{"type", "ReplicaFailure"},
                          {"status", "True"},
                          {"message", "pods \"w-1-x\" is forbidden: violates PodSecurity x"}}}}}}};
  const auto state = state_of("w", {deployment});
  CHECK(state.reason == "no pod can be made: violates PodSecurity x");
  CHECK(state.impossible());
  const json waiting = {{"state", {{"waiting", {{"reason", "InvalidImageName"}}}}}};
  CHECK(state_of("w", {job(), with_container(pod("p", 0, "Pending"), waiting)}).impossible());
}

TEST_CASE("a served model whose container ends with 2 has failed, as long as it is not ready") {
  const auto set = [](const char* name, const char* rollout) -> json {
    return {{"kind", "ReplicaSet"},
            {"metadata",
             {{"name", name},
              {"uid", name},
              {"ownerReferences", {{{"uid", "uid-d"}}}},
              {"annotations", {{"deployment.kubernetes.io/revision", rollout}}}}}};
  };
  const json deployment = {{"kind", "Deployment"},
                           {"metadata", {{"name", "w"}, {"uid", "uid-d"}}},
                           {"spec", {{"replicas", 1}}},
                           {"status", {{"replicas", 1}}}};
  const json words = {{"terminated", {{"exitCode", 2}, {"message", "no such model"}}}};
  auto crashed = with_container(pod("p", 0, "Running"), {{"ready", false},
                                                         {"restartCount", 1},
                                                         {"state", {{"running", json::object()}}},
                                                         {"lastState", words}});
  crashed["metadata"]["ownerReferences"] = {{{"uid", "old"}}};
  const Snapshot of_old = {deployment, set("new", "10"), set("old", "9"), crashed};
  CHECK(state_of("w", of_old).phase == Phase::starting);
  crashed["metadata"]["ownerReferences"] = {{{"uid", "new"}}};
  const auto state = state_of("w", {deployment, set("new", "10"), set("old", "9"), crashed});
  CHECK(state.phase == Phase::failed);
  CHECK(state.exit_code == 2);
  CHECK(state.reason == "not ready, last: exit 2: no such model");
}

TEST_CASE("a node that does not answer is named") {
  auto lost = with_container(pod("p", 0, "Running"), {{"ready", true}});
  lost["status"]["conditions"] = {{{"type", "Ready"}, {"status", "False"}}};
  const auto state = state_of("w", {job(), lost});
  CHECK(state.phase == Phase::running);
  CHECK(state.reason == "node n1 does not answer (NodeNotReady)");
  CHECK_FALSE(state.pods[0].ready);
}

TEST_CASE("a pod that waits for a claim says what the claim's own Events say") {
  auto waiting = pod("p", 0, "Pending");
  waiting["spec"] = {{"volumes", {{{"persistentVolumeClaim", {{"claimName", "c"}}}}}}};
  waiting["status"]["conditions"] = {
      {{"type", "PodScheduled"},
       {"status", "False"},
       {"reason", "Unschedulable"},
       {"message", "0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims."}}};
  CHECK(state_of("w", {job(), waiting}).reason.starts_with("Unschedulable: 0/1 nodes"));
  CHECK(state_of("w", {job(), waiting,
                       event("PersistentVolumeClaim", "c", "ProvisioningFailed",
                             "storageclass.storage.k8s.io \"fast\" not found")})
            .reason ==
        "claim c: ProvisioningFailed: storageclass.storage.k8s.io \"fast\" not found");
  CHECK(names_in_trouble("w", {job(), waiting}) ==
        std::vector<std::string>{"w-00c0ffee", "p", "c"});
}

TEST_CASE("nothing is asked about a workload that is well") {
  CHECK(names_in_trouble(
            "w", {anchor(), job(), with_container(pod("p", 0, "Running"), {{"ready", true}})})
            .empty());
  CHECK(names_in_trouble("w", {anchor()}) == std::vector<std::string>{"w-00c0ffee"});
}

TEST_CASE("a crash behind event lines is told by the line that is no event") {
  const std::string lines =
      "{\"event\":\"start\",\"message\":\"go\"}\nterminate called after throwing\n";
  auto failed = job();
  failed["status"]["conditions"] = {{{"type", "Failed"}, {"status", "True"}}};
  CHECK(state_of("w", {failed, with_container(pod("p", 0, "Failed"), ended(134, lines))}).reason ==
        "exit 134: terminate called after throwing");
  CHECK(state_of("w",
                 {failed, with_container(pod("p", 0, "Failed"),
                                         ended(137, "{\"event\":\"start\",\"message\":\"go\"}"))})
            .reason == "exit 137");
}
