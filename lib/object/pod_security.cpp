#include "object/pod_security.h"

#include <algorithm>
#include <functional>
#include <string_view>

#include "base/strings.h"
#include "object/member.h"

namespace lotse::object {

namespace {

using Text = std::string_view;

/// What of volumes holds a path of the node, or reaches out of the cluster without a claim.
constexpr Text volume_sources[] = {"name",      "configMap", "downwardAPI", "emptyDir",
                                   "projected", "secret",    "csi",         "persistentVolumeClaim",
                                   "ephemeral", "image"};
/// What the container runtimes give by default: a pod of Windows may have them.
constexpr Text default_capabilities[] = {
    "AUDIT_WRITE",      "CHOWN",   "DAC_OVERRIDE", "FOWNER",  "FSETID", "KILL",      "MKNOD",
    "NET_BIND_SERVICE", "SETFCAP", "SETGID",       "SETPCAP", "SETUID", "SYS_CHROOT"};
constexpr Text safe_sysctls[] = {"kernel.shm_rmid_forced",
                                 "net.ipv4.ip_local_port_range",
                                 "net.ipv4.tcp_syncookies",
                                 "net.ipv4.ping_group_range",
                                 "net.ipv4.ip_unprivileged_port_start",
                                 "net.ipv4.ip_local_reserved_ports",
                                 "net.ipv4.tcp_keepalive_time",
                                 "net.ipv4.tcp_fin_timeout",
                                 "net.ipv4.tcp_keepalive_intvl",
                                 "net.ipv4.tcp_keepalive_probes",
                                 "net.ipv4.tcp_rmem",
                                 "net.ipv4.tcp_wmem",
                                 "net.ipv4.tcp_slow_start_after_idle",
                                 "net.ipv4.tcp_notsent_lowat"};
constexpr Text selinux_types[] = {"", "container_t", "container_init_t", "container_kvm_t",
                                  "container_engine_t"};

template <class Names>
bool holds(const Names& names, Text name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

bool is(const json& value, bool wanted) {
  return value.is_boolean() && value.get<bool>() == wanted;
}

bool is_profile(const std::string& type) {
  return type == "RuntimeDefault" || type == "Localhost";
}

using ForContainer = std::function<void(const json& container, const std::string& path)>;

void each_container(const PodTemplate& pods, const ForContainer& work) {
  for (const char* list : {"initContainers", "containers", "ephemeralContainers"}) {
    const auto& containers = list_at(pods.spec, {list});
    for (size_t i = 0; i < containers.size(); ++i)
      work(containers[i], base::cat("spec.", list, "[", i, "]"));
  }
}

class Restricted {
 public:
  explicit Restricted(const PodTemplate& pods)
      : pods_(pods),
        windows_(text_at(pods.spec, {"os", "name"}) == "windows"),
        own_users_(is(at(pods.spec, {"hostUsers"}), false)) {}

  base::Diagnostics run() {
    namespaces();
    annotations();
    sysctls();
    volumes();
    context(at(pods_.spec, {"securityContext"}), "spec.securityContext");
    each_container(pods_, [this](const json& container, const std::string& path) {
      const json& context_of_it = at(container, {"securityContext"});
      const auto inside = path + ".securityContext";
      context(context_of_it, inside);
      privileges(context_of_it, inside);
      capabilities(context_of_it, inside);
      inherited(context_of_it, inside);
      ports(container, path);
      hosts(container, path);
    });
    return std::move(problems_);
  }

 private:
  void add(const std::string& path, const std::string& message) {
    problems_.push_back({pods_.path.empty() ? path : pods_.path + "." + path, message, ""});
  }

  void namespaces() {
    for (const char* field : {"hostNetwork", "hostPID", "hostIPC"})
      if (is(at(pods_.spec, {field}), true)) add(base::cat("spec.", field), "must not be true");
  }

  void annotations() {
    const json& all = at(pods_.metadata, {"annotations"});
    if (!all.is_object()) return;
    for (const auto& [key, value] : all.items()) {
      if (!key.starts_with("container.apparmor.security.beta.kubernetes.io/")) continue;
      const auto profile = value.is_string() ? value.get<std::string>() : "";
      if (!profile.empty() && profile != "runtime/default" && !profile.starts_with("localhost/"))
        add("metadata.annotations[" + json(key).dump() + "]",
            "must be runtime/default or localhost/*");
    }
  }

  void sysctls() {
    const auto& all = list_at(pods_.spec, {"securityContext", "sysctls"});
    for (size_t i = 0; i < all.size(); ++i)
      if (!holds(safe_sysctls, text_at(all[i], {"name"})))
        add(base::cat("spec.securityContext.sysctls[", i, "].name"),
            "must not be " + text_at(all[i], {"name"}));
  }

  void volumes() {
    const auto& all = list_at(pods_.spec, {"volumes"});
    for (size_t i = 0; i < all.size(); ++i) {
      if (!all[i].is_object()) continue;
      for (const auto& [source, value] : all[i].items())
        if (!value.is_null() && !holds(volume_sources, source))
          add(base::cat("spec.volumes[", i, "].", source), "must not be used");
    }
  }

  /// What a pod's context and a container's have in common.
  void context(const json& context, const std::string& path) {
    if (is(at(context, {"windowsOptions", "hostProcess"}), true))
      add(path + ".windowsOptions.hostProcess", "must not be true");
    const auto apparmor = text_at(context, {"appArmorProfile", "type"});
    if (!apparmor.empty() && !is_profile(apparmor))
      add(path + ".appArmorProfile.type", "must be RuntimeDefault or Localhost");
    const auto seccomp = text_at(context, {"seccompProfile", "type"});
    if (!seccomp.empty() && !is_profile(seccomp))
      add(path + ".seccompProfile.type", "must be RuntimeDefault or Localhost");
    selinux(at(context, {"seLinuxOptions"}), path + ".seLinuxOptions");
    const json& user = at(context, {"runAsUser"});
    if (!own_users_ && user.is_number() && user == 0) add(path + ".runAsUser", "must not be 0");
    if (!own_users_ && is(at(context, {"runAsNonRoot"}), false))
      add(path + ".runAsNonRoot", "must be true");
  }

  void selinux(const json& options, const std::string& path) {
    if (!holds(selinux_types, text_at(options, {"type"})))
      add(path + ".type",
          "must be container_t, container_init_t, container_kvm_t or container_engine_t");
    for (const char* field : {"user", "role"})
      if (!text_at(options, {field}).empty()) add(path + "." + field, "must not be set");
  }

  void privileges(const json& context, const std::string& path) {
    if (is(at(context, {"privileged"}), true)) add(path + ".privileged", "must not be true");
    const auto mount = text_at(context, {"procMount"});
    if (!mount.empty() && mount != "Default") add(path + ".procMount", "must be Default");
    if (!windows_ && !is(at(context, {"allowPrivilegeEscalation"}), false))
      add(path + ".allowPrivilegeEscalation", "must be false");
  }

  void capabilities(const json& context, const std::string& path) {
    const auto& dropped = list_at(context, {"capabilities", "drop"});
    if (!windows_ && std::find(dropped.begin(), dropped.end(), "ALL") == dropped.end())
      add(path + ".capabilities.drop", "must hold ALL");
    for (const auto& added : list_at(context, {"capabilities", "add"})) {
      const auto name = added.is_string() ? added.get<std::string>() : "";
      const bool fine = windows_ ? holds(default_capabilities, name) : name == "NET_BIND_SERVICE";
      if (!fine) add(path + ".capabilities.add", "must not hold " + name);
    }
  }

  /// What a container has of its own or of the pod.
  void inherited(const json& context, const std::string& path) {
    const json& pod = at(pods_.spec, {"securityContext"});
    if (!own_users_ && at(context, {"runAsNonRoot"}).is_null() &&
        at(pod, {"runAsNonRoot"}).is_null())
      add(path + ".runAsNonRoot", "must be true, here or of the pod");
    if (!windows_ && text_at(context, {"seccompProfile", "type"}).empty() &&
        text_at(pod, {"seccompProfile", "type"}).empty())
      add(path + ".seccompProfile.type", "must be RuntimeDefault or Localhost, here or of the pod");
  }

  void ports(const json& container, const std::string& path) {
    const auto& all = list_at(container, {"ports"});
    for (size_t i = 0; i < all.size(); ++i)
      if (number_at(all[i], {"hostPort"}) != 0)
        add(base::cat(path, ".ports[", i, "].hostPort"), "must not be set");
  }

  /// Probes and hooks go to the pod itself, not elsewhere from the node.
  void hosts(const json& container, const std::string& path) {
    const auto check = [&](std::initializer_list<const char*> keys) {
      std::string name = path;
      const json* action = &container;
      for (const char* key : keys) {
        name += base::cat(".", key);
        action = &at(*action, {key});
      }
      for (const char* kind : {"httpGet", "tcpSocket"})
        if (!text_at(*action, {kind, "host"}).empty())
          add(base::cat(name, ".", kind, ".host"), "must not be set");
    };
    for (const char* probe : {"livenessProbe", "readinessProbe", "startupProbe"}) check({probe});
    for (const char* hook : {"postStart", "preStop"}) check({"lifecycle", hook});
  }

  const PodTemplate& pods_;
  bool windows_;
  bool own_users_;  ///< root within is nobody on the node
  base::Diagnostics problems_;
};

}  // namespace

base::Diagnostics restricted_violations(const PodTemplate& pods) {
  return Restricted(pods).run();
}

base::Diagnostics missing_isolation(const PodTemplate& pods) {
  base::Diagnostics missing;
  const auto prefix = pods.path.empty() ? "" : pods.path + ".";
  const auto add = [&](const std::string& path, const std::string& message) {
    missing.push_back({prefix + path, message, ""});
  };
  if (!is(at(pods.spec, {"automountServiceAccountToken"}), false))
    add("spec.automountServiceAccountToken", "is not false: the pods can speak to the API server");
  each_container(pods, [&](const json& container, const std::string& path) {
    if (!is(at(container, {"securityContext", "readOnlyRootFilesystem"}), true))
      add(path + ".securityContext.readOnlyRootFilesystem",
          "is not true: what breaks in can change the program");
    if (!list_at(container, {"securityContext", "capabilities", "add"}).empty())
      add(path + ".securityContext.capabilities.add", "gives capabilities");
  });
  return missing;
}

}  // namespace lotse::object
