#pragma once
#include <array>
#include <compare>
#include <cstddef>
#include <optional>
#include <string_view>

namespace lotse::workload {

/// A kind of cause. "NAME" in the advice stands for the workload's name.
struct CauseKind {
  std::string_view code, meaning, advice;
  bool blocks = false;  ///< somebody else must act before it goes on; a queue admits by itself
};

/// All of them; the first ones explain others. A code is never renamed. docs/causes.md shows this
/// table.
inline constexpr std::array cause_kinds = {
    CauseKind{"SupervisorLost", "the process that looked after a local workload was killed",
              "run the same command again: it goes on where the workload stood"},
    CauseKind{
        "NodeNotReady", "a pod's node does not answer",
        "wait for the node, or `lotse restart NAME` to have the pods elsewhere once it is given up",
        true},
    CauseKind{"ServerBusy", "the API server answers 429: too much to do, or its caches are cold",
              "wait: it is asked again as soon as it lets itself be asked"},
    CauseKind{"RightMissing", "you lack a right in the namespace, as `lotse plan` finds",
              "have it granted: `lotse context check` lists all that Lotse needs"},
    CauseKind{"PodSecurityRefused", "the namespace's Pod Security level forbids the pod",
              "take a template that keeps to the level, or another namespace"},
    CauseKind{"LimitRangeRefused", "the pod asks for more or less than a LimitRange allows",
              "ask for resources within the limits that are named"},
    CauseKind{"SpecInvalid", "the API server takes the object for invalid",
              "mend the field that is named"},
    CauseKind{"ResourcesMissing", "a quota counts a resource that the pod does not name",
              "name it in the template: requests and limits"},
    CauseKind{"QuotaTooSmall", "one pod alone asks for more than a quota's hard limit",
              "ask for less, or have the quota raised"},
    CauseKind{"QuotaUsedUp", "a quota has no room for the pod now",
              "delete or scale down what uses it, or have the quota raised", true},
    CauseKind{"ServiceAccountMissing", "the pod's service account is not there",
              "create it, or name another one", true},
    CauseKind{"PriorityClassMissing", "the pod's priority class is not there",
              "name another one: `lotse get priorityclasses`; an administrator makes them", true},
    CauseKind{"AdmissionRefused", "an admission webhook or policy refused the pod",
              "read what it says; whoever runs the cluster knows the rule", true},
    CauseKind{"PodRefused", "the server refused to make a pod", "read what the server says", true},
    CauseKind{"ImageNameInvalid", "the image's name is none", "mend the name after --image"},
    CauseKind{"ImageUnauthorized", "the registry wants credentials for the image, or other ones",
              "name a pull secret in the template, and see that it is of this registry", true},
    CauseKind{"ImageMissing", "the registry, or the node, does not have the image",
              "push it, or mend its name and tag: `lotse image`", true},
    CauseKind{"ImagePullFailed", "the image cannot be pulled now",
              "see that the nodes reach the registry; the kubelet tries again", true},
    CauseKind{"ImageArchitecture", "the image is not made for the processor of the pod's node",
              "build it for the nodes' architecture, or ask for nodes of the image's own", true},
    CauseKind{"SecretMissing", "a Secret that the pod names, or a key of it, is not there",
              "create the Secret in this namespace: the pod starts by itself", true},
    CauseKind{"ConfigMissing", "a ConfigMap that the pod names, or a key of it, is not there",
              "create the ConfigMap in this namespace: the pod starts by itself", true},
    CauseKind{"ClaimMissing", "a claim that the pod mounts is not there",
              "create it, or name another one: `lotse get pvc`", true},
    CauseKind{"ClaimOutOfReach",
              "the claim's access modes let not all of the pods mount it, as `lotse plan` finds",
              "hold the pods together with --same-node (of a service: --node-selector "
              "kubernetes.io/hostname=NODE), or take a claim that is ReadWriteMany"},
    CauseKind{"ClaimUnbound", "a claim that the pod mounts has no volume yet",
              "see the claim's storage class: `lotse get storageclass`", true},
    CauseKind{"MountFailed", "a volume cannot be mounted",
              "read what the kubelet says of the volume", true},
    CauseKind{"NodeComing", "an autoscaler adds a node for the pod",
              "wait: a node takes minutes to come"},
    CauseKind{"NodeTainted", "every node is tainted, and the pod tolerates none of the taints",
              "tolerate a taint in the template, or wait for other nodes", true},
    CauseKind{"DeviceClassMissing", "a class of devices that the pod claims is not there",
              "name another one: `lotse get deviceclasses`; the driver of the devices brings them",
              true},
    CauseKind{"NoNodeFits", "no node has what the pod asks for",
              "ask for less, or wait until a node has room or joins", true},
    CauseKind{"SchedulingGated", "a scheduling gate holds the pod back",
              "whoever set the gate opens it: a queue, or a controller", true},
    CauseKind{"GangNotScheduled", "its pods are placed all or none, and not all of them can be",
              "see what the group lacks: ask for less, or wait until there is room for all", true},
    CauseKind{"WrongConfiguration", "the container ended with 2: wrong options, data or file",
              "mend what it names, and run it anew; trying again cannot help"},
    CauseKind{"OutOfMemory", "the container used more memory than its limit",
              "ask for more memory, or make batches smaller"},
    CauseKind{"GpuUnhealthy", "the device plugin takes a GPU of the pod for unhealthy",
              "have the node drained and its GPU looked at"},
    CauseKind{"StartFailed", "the container's program cannot be started",
              "see that the image has the program and is of the node's architecture"},
    CauseKind{"CrashLoop", "the container ends again and again",
              "`lotse logs NAME --previous` shows what it said before it ended"},
    CauseKind{"ContainerFailed", "the container ended with an error",
              "`lotse logs NAME` shows what it said"},
    CauseKind{
        "Evicted", "the kubelet or the API evicted the pod",
        "another one comes; if memory or disk of the node was short, ask for what it really uses"},
    CauseKind{"NodeShutdown", "the pod's node was shut down",
              "another pod comes once a node has room"},
    CauseKind{"DeadlineExceeded", "the run took longer than it may",
              "give it more time, or less to do; its checkpoints are kept"},
    CauseKind{"ProbeFailing", "the container runs, but does not pass its probe",
              "`lotse logs NAME` shows whether it still loads or hangs"},
    CauseKind{"RolloutStuck", "a rollout made no progress within its deadline",
              "see the causes of its pods; the earlier pods serve on"},
    CauseKind{"AutoscalerFailing",
              "its autoscaler cannot read its metrics, or cannot set the replicas",
              "see that what serves the metric is there: `lotse get hpa` names it"},
    CauseKind{"ScheduleFailing", "the Job by which its schedule sets the number of pods fails",
              "see that its image can be pulled and its account may scale it; `lotse scale "
              "--unrecorded` sets the number until then"},
    CauseKind{"PodDeleted", "somebody deleted a pod of the run", "another one comes by itself"},
    CauseKind{"BetweenAttempts", "a pod ended, and the next one is not there yet",
              "wait: the Job's back-off doubles with each pod that ends"},
    CauseKind{"PeerLost", "a rank lost another one", "see the other rank: this one is well"},
    CauseKind{"Stopped", "a rank stopped on request, with a checkpoint saved",
              "the same command goes on from there"},
    CauseKind{"WaitingForPeers", "a rank runs and waits for the others",
              "see why they are not there"},
    CauseKind{"QueueTooSmall", "it asks for more than its queue can ever give",
              "ask for less, or have the queue's quota raised"},
    CauseKind{"QueueUnavailable", "its queue is missing, stopped, or not for it",
              "see that the queue is there and open: `lotse get localqueues`", true},
    CauseKind{"Queued", "the workload's queue has not admitted it yet",
              "wait, or see what else is in the queue"},
    CauseKind{"ScaledToZero", "its autoscaler, or its schedule, scaled it to nothing",
              "it comes back by itself once the autoscaler's metric, or the schedule, asks for it"},
    CauseKind{"Suspended", "somebody suspended it, or scaled it to nothing",
              "the same command starts it again"},
    CauseKind{"RunFailed", "the Job gave up", "`lotse logs NAME` shows what its pods said"},
    CauseKind{"Gone", "neither a Job nor a Deployment is there", "the same command runs it again"},
    CauseKind{"Other", "something else: the words are the cluster's", "read what the cluster says"},
};

/// The code of a cause, or none. A literal that is not in the table does not compile. Codes are
/// ordered as the table.
class Code {
 public:
  constexpr Code() = default;
  consteval Code(const char* text) : place_(place_of(text)) {
    if (place_ == cause_kinds.size()) throw "no code of cause_kinds";
  }
  static std::optional<Code> parse(std::string_view text) {
    Code code;
    code.place_ = place_of(text);
    return code ? std::optional(code) : std::nullopt;
  }

  explicit operator bool() const { return place_ < cause_kinds.size(); }
  const CauseKind& kind() const { return cause_kinds[place_]; }  ///< not of none
  auto operator<=>(const Code&) const = default;

 private:
  static constexpr size_t place_of(std::string_view text) {
    size_t place = 0;
    while (place < cause_kinds.size() && cause_kinds[place].code != text) ++place;
    return place;
  }

  size_t place_ = cause_kinds.size();
};

}  // namespace lotse::workload
