// Which code each trouble has, in the words of real servers, kubelets and registries.
#include "workload/cause.h"

#include <catch2/catch.hpp>

#include "base/files.h"
#include "base/strings.h"
#include "workload/pod.h"
#include "workload/refusal.h"

using namespace lotse::workload;

namespace {

json pod(const std::string& phase = "Pending") {
  return {{"kind", "Pod"},
          {"metadata", {{"name", "p"}}},
          {"spec", json::object()},
          {"status", {{"phase", phase}}}};
}

json waiting(const char* reason, const std::string& message = "") {
  json made = pod();
  made["status"]["containerStatuses"] = {
      {{"ready", false}, {"state", {{"waiting", {{"reason", reason}, {"message", message}}}}}}};
  return made;
}

json unscheduled(const std::string& message, const char* reason = "Unschedulable") {
  json made = pod();
  made["status"]["conditions"] = {
      {{"type", "PodScheduled"}, {"status", "False"}, {"reason", reason}, {"message", message}}};
  return made;
}

json ended(int code, const char* reason = "Error") {
  json made = pod("Failed");
  made["status"]["containerStatuses"] = {
      {{"ready", false}, {"state", {{"terminated", {{"exitCode", code}, {"reason", reason}}}}}}};
  return made;
}

json warning(const char* reason, const std::string& note) {
  return {{"kind", "Event"},
          {"type", "Warning"},
          {"reason", reason},
          {"note", note},
          {"regarding", {{"kind", "Pod"}, {"name", "p"}}}};
}

Cause cause_of(const json& one, const Snapshot& objects = {}) {
  return pod_state(one, objects).cause;
}
std::string in_words(Code code) {
  return code ? std::string(code.kind().code) : "";
}
std::string code_of(const json& one, const Snapshot& objects = {}) {
  return in_words(cause_of(one, objects).code);
}

}  // namespace

TEST_CASE("causes: docs/causes.md is the table; of a record an unknown code is none") {
  CHECK(in_words(Code::parse("OutOfMemory").value()) == "OutOfMemory");
  CHECK_FALSE(Code::parse("OfLater"));
  std::string table;
  for (const auto& kind : cause_kinds)
    table += lotse::base::cat("| `", kind.code, "` | ", kind.meaning, " | ", kind.advice, " |\n");
  const auto page = lotse::base::read_file("docs/causes.md");
  CHECK(page.substr(page.find("|---|---|---|\n") + 14) == table);
}

TEST_CASE("causes: images") {
  CHECK(code_of(waiting("InvalidImageName", "couldn't parse image name")) == "ImageNameInvalid");
  CHECK(cause_of(waiting("InvalidImageName")).impossible);
  CHECK(code_of(waiting("ErrImagePull",
                        "rpc error: code = NotFound desc = failed to pull and unpack "
                        "image \"r/a:1\": r/a:1: not found")) == "ImageMissing");
  CHECK(code_of(waiting("ErrImagePull", "unexpected status from HEAD request: 401 Unauthorized")) ==
        "ImageUnauthorized");
  CHECK(code_of(waiting("ErrImagePull",
                        "pull access denied, repository does not exist or may require "
                        "authorization: server message: insufficient_scope: authorization "
                        "failed")) == "ImageUnauthorized");
  CHECK(code_of(waiting("ErrImagePull", "dial tcp 10.0.0.1:443: i/o timeout")) ==
        "ImagePullFailed");
  CHECK(code_of(waiting("ErrImageNeverPull", "Container image \"a\" is not present")) ==
        "ImageMissing");
  CHECK(
      code_of(waiting("ErrImagePull", "no match for platform in manifest: sha256:ab: not found")) ==
      "ImageArchitecture");
  // The back-off says nothing by itself; the Event before it does.
  CHECK(code_of(waiting("ImagePullBackOff", "Back-off pulling image \"r/a:1\""),
                {warning("Failed", "Failed to pull image \"r/a:1\": manifest unknown")}) ==
        "ImageMissing");
}

TEST_CASE("causes: an image that is a volume is told by the volume's name") {
  const auto mounting = [](const std::string& message, const std::string& image = "r/a:1") {
    auto one = waiting("ErrImagePull", message);
    one["spec"] = {{"containers", {{{"name", "main"}, {"image", image}}}},
                   {"volumes",
                    {{{"name", "data"}, {"emptyDir", json::object()}},
                     {{"name", "model"}, {"image", {{"reference", "r/model:1"}}}}}}};
    return one;
  };
  const auto missing =
      cause_of(mounting("failed to pull and unpack image \"docker.io/r/model:1\": not found"));
  CHECK(in_words(missing.code) == "ImageMissing");
  CHECK_THAT(missing.evidence, Catch::StartsWith("volume model: ErrImagePull: failed to pull"));
  // Where the container says less, the Event has the name.
  CHECK_THAT(cause_of(mounting("not found"),
                      {warning("Failed", "Failed to pull image \"r/model:1\": not found")})
                 .evidence,
             Catch::StartsWith("volume model: "));
  CHECK_THAT(cause_of(mounting("image \"r/a:1\": not found")).evidence,
             Catch::StartsWith("ErrImagePull: "));
  CHECK_THAT(cause_of(mounting("image \"r/model:1\": not found", "r/model:1")).evidence,
             Catch::StartsWith("ErrImagePull: "));
}

TEST_CASE("causes: what a pod names and is not there") {
  const auto secret =
      cause_of(waiting("CreateContainerConfigError", "secret \"hf-token\" not found"));
  CHECK(in_words(secret.code) == "SecretMissing");
  CHECK(secret.objects == std::vector<std::string>{"pod/p", "secret/hf-token"});
  const auto key = cause_of(
      waiting("CreateContainerConfigError", "couldn't find key token in Secret team/hf-token"));
  CHECK(in_words(key.code) == "SecretMissing");
  CHECK(key.objects.back() == "secret/hf-token");
  const auto dotted = cause_of(
      waiting("CreateContainerConfigError", "couldn't find key k in ConfigMap ns/root-ca.crt"));
  CHECK(dotted.objects.back() == "configmap/root-ca.crt");
  CHECK(code_of(waiting("CreateContainerConfigError", "configmap \"settings\" not found")) ==
        "ConfigMissing");
  CHECK(code_of(waiting("ContainerCreating"),
                {warning("FailedMount",
                         "MountVolume.SetUp failed for volume \"c\" : configmap "
                         "\"settings\" not found")}) == "ConfigMissing");
  CHECK(code_of(waiting("CreateContainerConfigError", "secrets \"hf-token\" not found")) ==
        "SecretMissing");
  CHECK(code_of(waiting("ContainerCreating"),
                {warning("FailedMount", "mount failed: exit status 32")}) == "MountFailed");
  CHECK(code_of(unscheduled("persistentvolumeclaim \"data\" not found")) == "ClaimMissing");
  CHECK(code_of(unscheduled("0/1 nodes are available: pod has unbound immediate "
                            "PersistentVolumeClaims. preemption: 0/1 nodes are available: 1 "
                            "Preemption is not helpful for scheduling.")) == "ClaimUnbound");
}

TEST_CASE("causes: nodes") {
  CHECK(
      code_of(unscheduled("0/2 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated "
                          "taint {gpu: only}. preemption: 0/2 nodes are available: 2 Preemption "
                          "is not helpful for scheduling.")) == "NoNodeFits");
  CHECK(code_of(unscheduled("0/2 nodes are available: 1 node(s) had untolerated taint {a: }, 1 "
                            "node(s) had untolerated taint {b: c, d}. preemption: 0/2 nodes are "
                            "available: 2 Preemption is not helpful for scheduling.")) ==
        "NodeTainted");
  CHECK(code_of(unscheduled("0/1 nodes are available: 1 node(s) had untolerated taint(s). no new "
                            "claims to deallocate, preemption: 0/1 nodes are available: 1 "
                            "Preemption is not helpful for scheduling.")) == "NodeTainted");
  CHECK(code_of(unscheduled("no nodes available to schedule pods")) == "NoNodeFits");
  CHECK(code_of(unscheduled("0/1 nodes are available: 1 device class gpu.example.com does not "
                            "exist. no new claims to deallocate, preemption: ...")) ==
        "DeviceClassMissing");
  CHECK(code_of(unscheduled("Scheduling is blocked due to non-empty scheduling gates",
                            "SchedulingGated")) == "SchedulingGated");
}

TEST_CASE("causes: a node that an autoscaler adds is no block") {
  const auto one = unscheduled("0/1 nodes are available: 1 Insufficient nvidia.com/gpu.");
  CHECK(cause_of(one).code.kind().blocks);
  const auto coming = warning("TriggeredScaleUp", "pod triggered scale-up: [{gpu 0->1 (max: 9)}]");
  CHECK(code_of(one, {coming}) == "NodeComing");
  CHECK_FALSE(cause_of(one, {coming}).code.kind().blocks);
  CHECK(code_of(one, {coming, warning("NotTriggerScaleUp", "max node group size reached")}) ==
        "NoNodeFits");
}

TEST_CASE("causes: how containers end") {
  CHECK(code_of(ended(1)) == "ContainerFailed");
  CHECK(code_of(ended(2)) == "WrongConfiguration");
  CHECK(code_of(ended(75)) == "Stopped");
  CHECK(code_of(ended(76)) == "PeerLost");
  CHECK(code_of(ended(137, "OOMKilled")) == "OutOfMemory");
  CHECK(code_of(ended(128, "StartError")) == "StartFailed");
  for (const char* reason : {"StartError", "Error"}) {
    json foreign = ended(255, reason);
    foreign["status"]["containerStatuses"][0]["state"]["terminated"]["message"] =
        "exec /bin/x: exec format error";
    CHECK(code_of(foreign) == "ImageArchitecture");
  }
  json looping = waiting("CrashLoopBackOff");
  looping["status"]["containerStatuses"][0]["lastState"]["terminated"] = {
      {"exitCode", 1}, {"reason", "Error"}, {"message", "no space left"}};
  CHECK(code_of(looping) == "CrashLoop");
  CHECK(cause_of(looping).evidence == "CrashLoopBackOff, last: exit 1: no space left");
  looping["status"]["containerStatuses"][0]["lastState"]["terminated"]["message"] =
      "on this cluster, namespace ns\nlotse: warning: slow\nlotse: you may not patch w\n  ask\n";
  CHECK(cause_of(looping).evidence == "CrashLoopBackOff, last: exit 1: you may not patch w");
  looping["status"]["containerStatuses"][0]["lastState"]["terminated"]["reason"] = "OOMKilled";
  CHECK(code_of(looping) == "OutOfMemory");
  json evicted = pod("Failed");
  evicted["status"]["reason"] = "Evicted";
  CHECK(code_of(evicted) == "Evicted");
}

TEST_CASE("causes: a GPU that its device plugin calls unhealthy") {
  json running = pod("Running");
  running["status"]["containerStatuses"] = {
      {{"ready", true},
       {"state", {{"running", json::object()}}},
       {"allocatedResourcesStatus",
        {{{"name", "nvidia.com/gpu"},
          {"resources",
           {{{"resourceID", "GPU-1"}, {"health", "Healthy"}},
            {{"resourceID", "GPU-2"}, {"health", "Unhealthy"}}}}}}}}};
  const auto cause = cause_of(running);
  CHECK(in_words(cause.code) == "GpuUnhealthy");
  CHECK(cause.evidence == "nvidia.com/gpu GPU-2 is unhealthy");
}

TEST_CASE("causes: why no pod can be made") {
  const auto code = [](const std::string& why) {
    return in_words(refusal_in("Error creating: pods \"w-1-x\" is forbidden: " + why).code);
  };
  CHECK(code("violates PodSecurity \"restricted:latest\"") == "PodSecurityRefused");
  CHECK(code("maximum cpu usage per Container is 1, but limit is 2") == "LimitRangeRefused");
  CHECK(code("exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1") ==
        "QuotaUsedUp");
  CHECK(code("exceeded quota: q, requested: pods=1, used: pods=0, limited: pods=0") ==
        "QuotaTooSmall");
  CHECK(code("failed quota: q: must specify limits.cpu for: runner") == "ResourcesMissing");
  CHECK(code("error looking up service account ns/x: serviceaccount \"x\" not found") ==
        "ServiceAccountMissing");
  CHECK(code("no PriorityClass with name high was found") == "PriorityClassMissing");
  CHECK(
      in_words(refusal_in("Error creating: admission webhook \"policy.io\" denied the request: no")
                   .code) == "AdmissionRefused");
  CHECK(in_words(refusal_in("Error creating: the server has received too many requests and has "
                            "asked us to try again later")
                     .code) == "ServerBusy");
}

TEST_CASE("causes are ranked by what explains the others, equal ones joined") {
  const auto all = ranked({{"PeerLost", {"pod/a"}, "exit 76"},
                           Cause{},
                           {"OutOfMemory", {"pod/b"}, "OOMKilled"},
                           {"PeerLost", {"pod/c"}, "exit 76"}});
  REQUIRE(all.size() == 2);
  CHECK(in_words(all[0].code) == "OutOfMemory");
  CHECK(all[1].objects == std::vector<std::string>{"pod/a", "pod/c"});
  CHECK_FALSE(advice_for(all[1], "w").empty());
  CHECK(advice_for({"RunFailed", {}, ""}, "w") == "`lotse logs w` shows what its pods said");
}
