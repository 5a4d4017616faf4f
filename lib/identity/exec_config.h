#pragma once
#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "base/diagnostic.h"
#include "identity/exec_policy.h"

namespace lotse::identity {

using nlohmann::json;

/// A credential plug-in as a user of a kubeconfig names it: `exec`.
struct ExecConfig {
  enum class Interactive { never, if_available, always };

  std::string command;  ///< a name looked up in PATH, or an absolute path
  std::vector<std::string> arguments;
  std::vector<std::pair<std::string, std::string>> environment;  ///< added to ours
  std::string api_version;   ///< client.authentication.k8s.io/v1 or /v1beta1
  std::string install_hint;  ///< safe to be shown
  bool provide_cluster_info = false;
  Interactive interactive = Interactive::never;
};

/// From an `exec` as config_fields.h gives it. What is wrong is added to `problems` under `label`.
ExecConfig read_exec(const json& exec, const std::string& label, base::Diagnostics& problems);

using WallTime = std::chrono::system_clock::time_point;

/// How this program runs plug-ins, whatever the kubeconfig says.
struct ExecOptions {
  ExecPolicy policy = {};
  std::filesystem::path cache = {};  ///< folder of credentials kept from run to run; "": none
  std::chrono::milliseconds timeout =
      std::chrono::minutes(5);    ///< long, for a person may be logging in
  bool may_read_terminal = true;  ///< whether our standard input is free for it
  std::map<std::string, std::string> environment = {};  ///< ours
  std::function<bool()> is_terminal = {};  ///< standard input; asked of the system if empty
  std::function<WallTime()> now = std::chrono::system_clock::now;
};

}  // namespace lotse::identity
