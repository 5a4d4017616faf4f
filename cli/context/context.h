#pragma once
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "action/access.h"
#include "action/get.h"
#include "action/target.h"

/// The one place that makes real stores, transports and clients.
namespace lotse::cli {

/// Where a command runs, as the flags say; empty means the default.
struct Place {
  std::string on;  ///< "local", a context's name, "context:NAME" or "machine:local"
  std::string name_space;
  std::string kubeconfig;
  std::string exec_policy;           ///< of credential plug-ins; "": $LOTSE_EXEC_PLUGIN_POLICY
  bool no_credential_cache = false;  ///< what plug-ins give is not kept from run to run
  bool may_ask = true;               ///< plug-ins may read the terminal
  std::optional<std::chrono::seconds> request_timeout;
};

/// --on, else the choice of `lotse context use`, else the kubeconfig's current context, else, where
/// no kubeconfig was asked for, local. Throws Error(invalid) for "local" where a context of the
/// kubeconfig has that name, and for a kubeconfig that was asked for and names no cluster.
std::unique_ptr<action::Target> make_target(const Place& place);

/// Reads objects of any kind there. Throws Error(invalid) for local, which has no API server.
std::unique_ptr<action::Getter> make_getter(const Place& place);

/// What the user may do there of what Lotse does. Throws Error(invalid) for local, where nobody is
/// asked.
action::AccessReport check_access(const Place& place);

struct ContextRow {
  std::string name;
  std::string cluster;
  std::string name_space;
  bool current = false;  ///< what a command without --on would use
};

/// "local" and the contexts of the kubeconfig.
std::vector<ContextRow> contexts(const Place& place);

/// Keeps the choice in Lotse's own file; the kubeconfig is never written. Throws Error(not_found)
/// with the closest name, Error(invalid) as make_target does. "" forgets the choice.
void use_context(const Place& place, const std::string& name);

/// The default of --on, and where it comes from, e.g. "`lotse context use`".
std::pair<std::string, std::string> default_context(const Place& place);

/// Are we in a pod with a service account? Then the context "in-cluster" stands for it.
bool is_in_cluster();

/// The kubeconfig's contexts. None where there is no file.
std::vector<ContextRow> kubeconfig_contexts(const Place& place);
/// The kubeconfig's current context; nothing if nobody asked for a kubeconfig (--kubeconfig,
/// KUBECONFIG) and ~/.kube/config sets none. Throws Error(invalid) naming the file if the one that
/// was asked for sets none, or if the current context is not there.
std::optional<std::string> kubeconfig_current(const Place& place);
/// The merged kubeconfig as `kubectl config view --raw -o json` prints it, secrets included.
nlohmann::json kubeconfig_as_read(const Place& place);
std::unique_ptr<action::Target> make_cluster_target(const Place& place, const std::string& context);
std::unique_ptr<action::Getter> make_cluster_getter(const Place& place, const std::string& context);
action::AccessReport check_cluster_access(const Place& place, const std::string& context);

}  // namespace lotse::cli
