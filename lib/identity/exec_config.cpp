#include "identity/exec_config.h"

#include "base/strings.h"

namespace lotse::identity {

namespace {

/// A hint comes from a file that others write: it must not steer the terminal (client-go's
/// cleanANSIEscapeCodes). Bytes from 128 on are UTF-8.
std::string harmless(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool space = byte >= '\t' && byte <= '\r';
    if ((byte >= ' ' && byte != 127) || space) out += c;
  }
  return out;
}

class Problems {
 public:
  Problems(std::string label, base::Diagnostics& problems)
      : label_(std::move(label)), problems_(problems) {}
  void add(const std::string& field, const std::string& message) const {
    problems_.push_back({label_ + ": exec." + field, message, ""});
  }

 private:
  std::string label_;
  base::Diagnostics& problems_;
};

ExecConfig::Interactive interactive_of(const std::string& mode, const Problems& problems) {
  using Interactive = ExecConfig::Interactive;
  if (mode == "Never") return Interactive::never;
  if (mode == "IfAvailable") return Interactive::if_available;
  if (mode == "Always") return Interactive::always;
  problems.add("interactiveMode", mode.empty() ? "is missing: Never, IfAvailable or Always"
                                               : "must be Never, IfAvailable or Always");
  return Interactive::never;
}

void check_version(const std::string& version, const Problems& problems) {
  if (version == "client.authentication.k8s.io/v1" ||
      version == "client.authentication.k8s.io/v1beta1")
    return;
  problems.add("apiVersion",
               "must be client.authentication.k8s.io/v1 or client.authentication.k8s.io/v1beta1");
}

}  // namespace

ExecConfig read_exec(const json& exec, const std::string& label, base::Diagnostics& problems) {
  const Problems wrong(label, problems);
  ExecConfig config;
  config.command = exec.value("command", "");
  if (config.command.empty()) wrong.add("command", "is missing");
  config.api_version = exec.value("apiVersion", "");
  check_version(config.api_version, wrong);
  config.install_hint = base::trim(harmless(exec.value("installHint", "")));
  config.provide_cluster_info = exec.value("provideClusterInfo", false);
  config.interactive = interactive_of(exec.value("interactiveMode", ""), wrong);
  for (const auto& argument : exec["args"]) config.arguments.push_back(argument);
  for (const auto& variable : exec["env"]) {
    if (variable["name"] == "") wrong.add("env", "has a variable without a name");
    config.environment.emplace_back(variable["name"], variable["value"]);
  }
  return config;
}

}  // namespace lotse::identity
