#include "workload/cause.h"

#include <algorithm>
#include <set>

namespace lotse::workload {

const std::vector<CauseKind>& cause_kinds() {
  static const std::vector<CauseKind> kinds = {
      {"SupervisorLost", "the process that looked after a local workload was killed",
       "run the same command again: it goes on where the workload stood"},
      {"NodeNotReady", "a pod's node does not answer",
       "wait for the node, or `lotse restart NAME` to have the pods elsewhere once it is given up"},
      {"PodSecurityRefused", "the namespace's Pod Security level forbids the pod",
       "take a template that keeps to the level, or another namespace"},
      {"LimitRangeRefused", "the pod asks for more or less than a LimitRange allows",
       "ask for resources within the limits that are named"},
      {"SpecInvalid", "the API server takes the object for invalid",
       "mend the field that is named"},
      {"ResourcesMissing", "a quota counts a resource that the pod does not name",
       "name it in the template: requests and limits"},
      {"QuotaTooSmall", "one pod alone asks for more than a quota's hard limit",
       "ask for less, or have the quota raised"},
      {"QuotaUsedUp", "a quota has no room for the pod now",
       "delete or scale down what uses it, or have the quota raised"},
      {"ServiceAccountMissing", "the pod's service account is not there",
       "create it, or name another one"},
      {"AdmissionRefused", "an admission webhook or policy refused the pod",
       "read what it says; whoever runs the cluster knows the rule"},
      {"PodRefused", "the server refused to make a pod", "read what the server says"},
      {"ImageNameInvalid", "the image's name is none", "mend the name after --image"},
      {"ImageUnauthorized", "the registry wants credentials for the image, or other ones",
       "name a pull secret in the template, and see that it is of this registry"},
      {"ImageMissing", "the registry, or the node, does not have the image",
       "push it, or mend its name and tag: `lotse image`"},
      {"ImagePullFailed", "the image cannot be pulled now",
       "see that the nodes reach the registry; the kubelet tries again"},
      {"SecretMissing", "a Secret that the pod names, or a key of it, is not there",
       "create the Secret in this namespace: the pod starts by itself"},
      {"ConfigMissing", "a ConfigMap that the pod names, or a key of it, is not there",
       "create the ConfigMap in this namespace: the pod starts by itself"},
      {"ClaimMissing", "a claim that the pod mounts is not there",
       "create it, or name another one: `lotse get pvc`"},
      {"ClaimUnbound", "a claim that the pod mounts has no volume yet",
       "see the claim's storage class: `lotse get storageclass`"},
      {"MountFailed", "a volume cannot be mounted", "read what the kubelet says of the volume"},
      {"NodeComing", "an autoscaler adds a node for the pod", "wait: a node takes minutes to come"},
      {"NodeTainted", "every node is tainted, and the pod tolerates none of the taints",
       "tolerate a taint in the template, or wait for other nodes"},
      {"NoNodeFits", "no node has what the pod asks for",
       "ask for less, or wait until a node has room or joins"},
      {"SchedulingGated", "a scheduling gate holds the pod back",
       "whoever set the gate opens it: a queue, or a controller"},
      {"WrongConfiguration", "the container ended with 2: wrong options, data or file",
       "mend what it names, and run it anew; trying again cannot help"},
      {"OutOfMemory", "the container used more memory than its limit",
       "ask for more memory, or make batches smaller"},
      {"GpuUnhealthy", "the device plugin takes a GPU of the pod for unhealthy",
       "have the node drained and its GPU looked at"},
      {"StartFailed", "the container's program cannot be started",
       "see that the image has the program and is of the node's architecture"},
      {"CrashLoop", "the container ends again and again",
       "`lotse logs NAME --previous` shows what it said before it ended"},
      {"ContainerFailed", "the container ended with an error",
       "`lotse logs NAME` shows what it said"},
      {"Evicted", "the kubelet or the API evicted the pod",
       "another one comes; if memory or disk of the node was short, ask for what it really uses"},
      {"NodeShutdown", "the pod's node was shut down", "another pod comes once a node has room"},
      {"DeadlineExceeded", "the run took longer than it may",
       "give it more time, or less to do; its checkpoints are kept"},
      {"ProbeFailing", "the container runs, but does not pass its probe",
       "`lotse logs NAME` shows whether it still loads or hangs"},
      {"RolloutStuck", "a rollout made no progress within its deadline",
       "see the causes of its pods; the earlier pods serve on"},
      {"PodDeleted", "somebody deleted a pod of the run", "another one comes by itself"},
      {"BetweenAttempts", "a pod ended, and the next one is not there yet",
       "wait: the Job's back-off doubles with each pod that ends"},
      {"PeerLost", "a rank lost another one", "see the other rank: this one is well"},
      {"Stopped", "a rank stopped on request, with a checkpoint saved",
       "the same command goes on from there"},
      {"WaitingForPeers", "a rank runs and waits for the others", "see why they are not there"},
      {"Queued", "the workload's queue has not admitted it yet",
       "wait, or see what else is in the queue"},
      {"Suspended", "somebody suspended it, or scaled it to nothing",
       "the same command starts it again"},
      {"RunFailed", "the Job gave up", "`lotse logs NAME` shows what its pods said"},
      {"Gone", "neither a Job nor a Deployment is there", "the same command runs it again"},
      {"Other", "something else: the words are the cluster's", "read what the cluster says"},
  };
  return kinds;
}

size_t rank_of(const Cause& cause) {
  const auto& kinds = cause_kinds();
  const auto found = std::find_if(kinds.begin(), kinds.end(),
                                  [&](const CauseKind& kind) { return kind.code == cause.code; });
  return static_cast<size_t>(found - kinds.begin());
}

bool blocks(const Cause& cause) {
  static const std::set<std::string_view> blocking = {
      "NodeTainted",   "NoNodeFits",    "ClaimUnbound",          "ClaimMissing",
      "SecretMissing", "ConfigMissing", "ServiceAccountMissing", "ImageMissing",
      "MountFailed",   "QuotaUsedUp",   "ImageUnauthorized",     "ImagePullFailed",
      "PodRefused",    "NodeNotReady",  "AdmissionRefused",      "SchedulingGated"};
  return blocking.count(cause.code) != 0;
}

std::string advice_for(const Cause& cause, const std::string& workload) {
  const auto rank = rank_of(cause);
  if (rank >= cause_kinds().size()) return "";
  std::string advice(cause_kinds()[rank].advice);
  constexpr std::string_view name = "NAME";
  if (const auto at = advice.find(name); at != std::string::npos)
    advice.replace(at, name.size(), workload);
  return advice;
}

std::vector<Cause> ranked(const std::vector<Cause>& causes) {
  std::vector<Cause> result;
  for (const auto& cause : causes) {
    if (!cause) continue;
    const auto same = std::find_if(result.begin(), result.end(), [&](const Cause& other) {
      return other.code == cause.code && other.evidence == cause.evidence;
    });
    if (same == result.end()) {
      result.push_back(cause);
      continue;
    }
    for (const auto& object : cause.objects)
      if (std::find(same->objects.begin(), same->objects.end(), object) == same->objects.end())
        same->objects.push_back(object);
    same->impossible = same->impossible || cause.impossible;
  }
  std::stable_sort(result.begin(), result.end(),
                   [](const Cause& a, const Cause& b) { return rank_of(a) < rank_of(b); });
  return result;
}

json to_json(const Cause& cause, const std::string& workload) {
  return {{"code", cause.code},
          {"objects", cause.objects},
          {"evidence", cause.evidence},
          {"advice", advice_for(cause, workload)},
          {"impossible", cause.impossible}};
}

}  // namespace lotse::workload
