#include "action/helper_pod.h"

#include <random>

#include "action/events.h"
#include "base/error.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "kube/mirror.h"
#include "object/member.h"
#include "object/reference.h"
#include "workload/pod.h"

namespace lotse::action {

namespace {

using base::Error;
using base::ErrorKind;

constexpr auto label_helper = "lotse.dev/helper";
constexpr int templates_user = 65532;
constexpr int longest_life_seconds = 86400;
constexpr std::chrono::minutes longest_start{5};

const object::Kind& pods() {
  return *object::find_kind("v1", "Pod");
}

std::string random_name() {
  static constexpr char letters[] = "bcdfghjklmnpqrstvwxz2456789";
  std::random_device random;
  std::string name = "lotse-files-";
  for (int i = 0; i < 6; ++i) name += letters[random() % (sizeof letters - 1)];
  return name;
}

json container(const HelperWish& wish) {
  return {{"name", "files"},
          {"image", wish.image},
          {"imagePullPolicy", wish.image_pull_policy},
          {"args", {"files", "wait"}},
          {"securityContext",
           {{"allowPrivilegeEscalation", false},
            {"readOnlyRootFilesystem", true},
            {"capabilities", {{"drop", {"ALL"}}}}}},
          {"resources",
           {{"requests", {{"cpu", "100m"}, {"memory", "64Mi"}}},
            {"limits", {{"cpu", "2"}, {"memory", "1Gi"}}}}},
          {"volumeMounts",
           {{{"name", "data"}, {"mountPath", helper_folder}, {"readOnly", wish.read_only}},
            {{"name", "tmp"}, {"mountPath", "/tmp"}}}}};
}

/// The node of a running pod that mounts the claim, or "": ReadWriteOnce keeps others off.
std::string node_of_user(kube::Client& client, const std::string& claim) {
  for (const auto& pod : client.list(pods()).items) {
    if (object::text_at(pod, {"status", "phase"}) != "Running") continue;
    for (const auto& volume : object::at(pod, {"spec", "volumes"}))
      if (object::text_at(volume, {"persistentVolumeClaim", "claimName"}) == claim)
        return object::text_at(pod, {"spec", "nodeName"});
  }
  return "";
}

/// The phase follows a moment after the container has ended.
bool has_ended(const json& pod) {
  const auto phase = object::text_at(pod, {"status", "phase"});
  return phase == "Succeeded" || phase == "Failed" ||
         pod.contains("/status/containerStatuses/0/state/terminated"_json_pointer);
}

void remove_ended_helpers(kube::Client& client) {
  for (const auto& pod : client.list(pods(), {std::string(label_helper) + "=files", ""}).items)
    if (has_ended(pod)) client.remove(pods(), object::name_of(pod));
}

}  // namespace

json helper_manifest(const std::string& name, const HelperWish& wish, const std::string& node) {
  json spec = {
      {"restartPolicy", "Never"},
      {"activeDeadlineSeconds", longest_life_seconds},
      {"terminationGracePeriodSeconds", 5},
      {"automountServiceAccountToken", false},
      {"enableServiceLinks", false},
      {"securityContext",
       {{"runAsNonRoot", true},
        {"runAsUser", templates_user},
        {"runAsGroup", templates_user},
        {"fsGroup", templates_user},
        {"fsGroupChangePolicy", "OnRootMismatch"},
        {"seccompProfile", {{"type", "RuntimeDefault"}}}}},
      {"containers", {container(wish)}},
      {"volumes",
       {{{"name", "data"},
         {"persistentVolumeClaim", {{"claimName", wish.claim}, {"readOnly", wish.read_only}}}},
        {{"name", "tmp"}, {"emptyDir", {{"sizeLimit", "16Mi"}}}}}}};
  if (!node.empty()) {
    const json term = {
        {"matchFields", {{{"key", "metadata.name"}, {"operator", "In"}, {"values", {node}}}}}};
    spec["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
        ["nodeSelectorTerms"] = {term};
  }
  return {
      {"apiVersion", "v1"},
      {"kind", "Pod"},
      {"metadata",
       {{"name", name},
        {"labels", {{workload::label_managed_by, workload::managed_by}, {label_helper, "files"}}}}},
      {"spec", std::move(spec)}};
}

HelperPod::HelperPod(Cluster& cluster, const HelperWish& wish,
                     const std::function<void(const std::string&)>& waits)
    : client_(cluster.client()), name_(random_name()) {
  remove_ended_helpers(client_);
  try {
    client_.apply(helper_manifest(name_, wish, node_of_user(client_, wish.claim)));
    wait_until_it_runs(wish.claim, waits);
  } catch (...) {
    remove();
    throw;
  }
}

HelperPod::~HelperPod() {
  remove();
}

void HelperPod::remove() {
  base::forget_interrupt();
  try {
    client_.remove(pods(), name_);
  } catch (const std::exception& error) {
    base::log_warning("pod/" + name_ + " could not be deleted: " + error.what() +
                      "; it ends by itself soon");
  }
}

void HelperPod::wait_until_it_runs(const std::string& claim,
                                   const std::function<void(const std::string&)>& waits) {
  kube::Mirror mirror(client_, {&pods()}, {"", "metadata.name=" + name_});
  const auto end = std::chrono::steady_clock::now() + longest_start;
  std::string told;
  for (;;) {
    base::throw_if_interrupted();
    const auto objects = mirror.objects();
    auto state = objects.empty() ? workload::PodState{} : workload::pod_state(objects[0], {});
    if (state.phase == "Running") return;
    if (state.phase == "Pending")
      state = workload::pod_state(objects[0], events_about(client_, {name_, claim}));
    if (objects.empty() || state.phase == "Failed" || state.phase == "Succeeded")
      throw Error(ErrorKind::failed,
                  "the helper pod " + name_ + " ended before it was used: " + state.cause.evidence,
                  "is --image a runner of this version?");
    if (std::chrono::steady_clock::now() > end)
      throw Error(ErrorKind::timeout, "the helper pod does not start: " + state.cause.evidence,
                  "look at the claim and the image");
    if (!state.cause.evidence.empty() && state.cause.evidence != told)
      waits(told = state.cause.evidence);
    mirror.wait(std::chrono::seconds(1));
  }
}

}  // namespace lotse::action
