#include "local/manifests.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/error.h"
#include "base/number.h"
#include "base/strings.h"
#include "object/member.h"
#include "object/reference.h"

namespace lotse::local {

namespace {

using Names = std::set<std::string>;
constexpr auto runner_image = "lotse-runner";

class Checker {
 public:
  Checker(const std::vector<json>& manifests, const std::function<bool(const std::string&)>& claim)
      : manifests_(manifests), claim_exists_(claim) {}

  base::Diagnostics run() {
    Names seen;
    for (const auto& object : manifests_) {
      if (object::kind_of(object).empty() || object::name_of(object).empty()) {
        add("", "a manifest without kind or metadata.name");
        continue;
      }
      where_ = object_title(object);
      if (!seen.insert(where_).second) add("", "is there twice");
      check_object(object);
    }
    return std::move(problems_);
  }

 private:
  void add(const std::string& path, const std::string& message, const std::string& hint = "") {
    problems_.push_back({path.empty() ? where_ : where_ + ": " + path, message, hint});
  }

  void check_fields(const json& object, const std::string& path, const Names& known) {
    if (!object.is_object()) return;
    for (const auto& [key, value] : object.items())
      if (!known.contains(key) && !value.is_null())
        add(base::cat(path, ".", key), "cannot be carried out locally",
            "leave it out, or use a cluster");
  }

  void check_object(const json& object) {
    static const Names ignored = {
        "PodDisruptionBudget", "HorizontalPodAutoscaler", "NetworkPolicy", "ServiceAccount", "Role",
        "RoleBinding"};
    static const Names data = {"ConfigMap", "PersistentVolumeClaim"};
    const auto kind = object::kind_of(object);
    const json& spec = object::at(object, {"spec"});
    if (kind == "Job") {
      check_job(spec);
    } else if (kind == "Deployment") {
      check_deployment(spec);
    } else if (kind == "Service") {
      check_service(spec);
    } else if (!ignored.contains(kind) && !data.contains(kind)) {
      add("kind", kind + " cannot be carried out locally", "use a cluster");
    }
  }

  void check_job(const json& spec) {
    check_fields(
        spec, "spec",
        {"completions", "parallelism", "completionMode", "backoffLimit", "backoffLimitPerIndex",
         "podFailurePolicy", "activeDeadlineSeconds", "suspend", "template",
         "ttlSecondsAfterFinished", "podReplacementPolicy", "selector", "manualSelector"});
    for (const auto& rule : object::list_at(spec, {"podFailurePolicy", "rules"}))
      if (object::text_at(rule, {"action"}) == "FailIndex")
        add("spec.podFailurePolicy", "action FailIndex cannot be carried out locally");
    const auto policy = object::text_at(spec, {"template", "spec", "restartPolicy"});
    if (policy != "Never" && policy != "OnFailure")
      add("spec.template.spec.restartPolicy", "must be Never or OnFailure in a Job");
    check_template(spec);
  }

  void check_deployment(const json& spec) {
    check_fields(spec, "spec",
                 {"replicas", "selector", "template", "strategy", "minReadySeconds",
                  "progressDeadlineSeconds", "revisionHistoryLimit"});
    if (object::text_at(spec, {"template", "spec", "restartPolicy"}, "Always") != "Always")
      add("spec.template.spec.restartPolicy", "must be Always in a Deployment");
    for (const char* name : {"maxSurge", "maxUnavailable"})
      check_part(object::at(spec, {"strategy", "rollingUpdate", name}),
                 base::cat("spec.strategy.rollingUpdate.", name));
    check_template(spec);
  }

  void check_part(const json& value, const std::string& path) {
    if (value.is_null() || value.is_number_integer()) return;
    const auto text = value.is_string() ? value.get<std::string>() : "";
    const auto percent = base::to_integer(text.substr(0, text.find('%')));
    if (!text.ends_with('%') || text.find('%') + 1 != text.size() || !percent || *percent < 0 ||
        *percent > 1000)
      add(path, base::cat("is ", value.dump(), ", neither a whole number nor a part such as 25%"));
  }

  void check_service(const json& spec) {
    const auto type = object::text_at(spec, {"type"}, "ClusterIP");
    if (type == "ExternalName") add("spec.type", "ExternalName cannot be carried out locally");
    for (const auto& port : object::list_at(spec, {"ports"}))
      if (object::text_at(port, {"protocol"}, "TCP") != "TCP")
        add("spec.ports", "only TCP can be carried out locally");
  }

  void check_template(const json& owner) {
    const json& spec = object::at(owner, {"template", "spec"});
    check_fields(
        spec, "spec.template.spec",
        {"containers", "restartPolicy", "terminationGracePeriodSeconds", "volumes",
         // these say where and with what rights, not what
         "nodeSelector", "tolerations", "affinity", "topologySpreadConstraints", "priority",
         "priorityClassName", "preemptionPolicy", "schedulerName", "schedulingGates",
         "runtimeClassName", "serviceAccountName", "serviceAccount", "automountServiceAccountToken",
         "securityContext", "imagePullSecrets", "subdomain", "hostname", "setHostnameAsFQDN",
         "dnsPolicy", "dnsConfig", "enableServiceLinks", "shareProcessNamespace", "overhead", "os",
         "resourceClaims", "nodeName"});
    const auto& containers = object::list_at(spec, {"containers"});
    if (containers.size() != 1)
      return add("spec.template.spec.containers", "one container a pod can be carried out locally");
    for (const auto& volume : object::list_at(spec, {"volumes"})) check_volume(volume);
    check_container(containers[0]);
    for (const auto& mount : object::list_at(containers[0], {"volumeMounts"}))
      check_mount(mount, spec);
  }

  void check_volume(const json& volume) {
    const auto name = object::text_at(volume, {"name"});
    const std::string path = "spec.template.spec.volumes[" + name + "]";
    check_fields(volume, path,
                 {"name", "configMap", "emptyDir", "hostPath", "persistentVolumeClaim"});
    const auto host = object::text_at(volume, {"hostPath", "path"});
    if (!host.empty() && !std::filesystem::exists(host) &&
        object::text_at(volume, {"hostPath", "type"}) != "DirectoryOrCreate")
      add(path, host + " is not there");
    const auto map = object::text_at(volume, {"configMap", "name"});
    if (!map.empty() && !object::flag_at(volume, {"configMap", "optional"}) &&
        find_object(manifests_, "ConfigMap", map) == nullptr)
      add(path, "ConfigMap " + map + " is not among the manifests");
    const auto claim = object::text_at(volume, {"persistentVolumeClaim", "claimName"});
    if (!claim.empty() && find_object(manifests_, "PersistentVolumeClaim", claim) == nullptr &&
        !claim_exists_(claim))
      add(path, "there is no claim " + claim + " here",
          "`lotse push FOLDER volume:" + claim + " --size 1Gi --on local` makes one");
  }

  void check_mount(const json& mount, const json& spec) {
    const auto name = object::text_at(mount, {"name"});
    for (const auto& volume : object::list_at(spec, {"volumes"}))
      if (object::text_at(volume, {"name"}) == name) return;
    add("spec.template.spec.containers[0].volumeMounts", "there is no volume " + name);
  }

  void check_container(const json& container) {
    const std::string path = "spec.template.spec.containers[0]";
    check_fields(container, path,
                 {"name", "image", "command", "args", "env", "envFrom", "ports", "resources",
                  "volumeMounts", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle",
                  // where and with what rights
                  "imagePullPolicy", "securityContext", "terminationMessagePath",
                  "terminationMessagePolicy", "stdin", "stdinOnce", "tty"});
    check_image(object::text_at(container, {"image"}), path + ".image");
    const auto& command = object::list_at(container, {"command"});
    if (!command.empty() && base::split(command[0].get<std::string>(), '/').back() != runner_image)
      add(path + ".command", command[0].get<std::string>() + " is not " + runner_image);
    for (const char* probe : {"livenessProbe", "readinessProbe", "startupProbe"})
      if (container.contains(probe)) check_probe(container.at(probe), path + "." + probe);
    const json& lifecycle = object::at(container, {"lifecycle"});
    check_fields(lifecycle, path + ".lifecycle", {"preStop"});
    check_fields(object::at(lifecycle, {"preStop"}), path + ".lifecycle.preStop", {"sleep"});
    for (const auto& source : object::list_at(container, {"envFrom"}))
      check_fields(source, path + ".envFrom", {"configMapRef", "prefix"});
    for (const auto& variable : object::list_at(container, {"env"}))
      check_variable(variable, path + ".env[" + object::text_at(variable, {"name"}) + "]");
  }

  void check_probe(const json& probe, const std::string& path) {
    check_fields(probe, path,
                 {"httpGet", "tcpSocket", "initialDelaySeconds", "periodSeconds", "timeoutSeconds",
                  "successThreshold", "failureThreshold"});
    if (!probe.contains("httpGet") && !probe.contains("tcpSocket"))
      add(path, "only httpGet and tcpSocket can be carried out locally");
    if (object::text_at(probe, {"httpGet", "scheme"}, "HTTP") != "HTTP")
      add(path + ".httpGet.scheme", "only HTTP can be carried out locally");
  }

  void check_image(const std::string& image, const std::string& path) {
    std::string name = base::split(image, '/').back();
    name = name.substr(0, name.find_first_of(":@"));
    if (name != runner_image)
      add(path, "image " + image + " cannot run locally",
          "only " + std::string(runner_image) +
              " can, the program beside lotse; others run in a cluster: "
              "--on CONTEXT");
  }

  void check_variable(const json& variable, const std::string& path) {
    const json& value = object::at(variable, {"value"});
    if (!value.is_null() && !value.is_string()) add(path + ".value", "must be a text");
    const json& from = object::at(variable, {"valueFrom"});
    check_fields(from, path + ".valueFrom", {"fieldRef", "resourceFieldRef", "configMapKeyRef"});
    const auto map = object::text_at(from, {"configMapKeyRef", "name"});
    if (map.empty() || object::flag_at(from, {"configMapKeyRef", "optional"})) return;
    const json* object = find_object(manifests_, "ConfigMap", map);
    const auto key = object::text_at(from, {"configMapKeyRef", "key"});
    if (object == nullptr || !object::at(*object, {"data"}).contains(key))
      add(path, "there is no key " + key + " of a ConfigMap " + map + " among the manifests");
  }

  const std::vector<json>& manifests_;
  const std::function<bool(const std::string&)>& claim_exists_;
  std::string where_;
  base::Diagnostics problems_;
};

}  // namespace

void check_manifests(const std::vector<json>& manifests,
                     const std::function<bool(const std::string&)>& claim_exists) {
  try {
    base::throw_if_any(Checker(manifests, claim_exists).run());
  } catch (const json::exception& e) {
    throw base::Error(base::ErrorKind::invalid,
                      std::string("a manifest has a wrong form: ") + e.what());
  }
}

const json* find_object(const std::vector<json>& objects, const std::string& kind,
                        const std::string& name) {
  const auto found = std::find_if(objects.begin(), objects.end(), [&](const json& object) {
    return object::kind_of(object) == kind && object::name_of(object) == name;
  });
  return found == objects.end() ? nullptr : &*found;
}

std::string object_title(const json& object) {
  return object::kind_of(object) + "/" + object::name_of(object);
}

}  // namespace lotse::local
