#pragma once
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "identity/exec_config.h"

/// Reads kubeconfigs and never writes them. The rules are those of client-go's loader.go
/// (docs/promises.md A5).
namespace lotse::identity {

using nlohmann::json;

/// Where a configuration comes from.
struct LoadOptions {
  std::string explicit_path = {};  ///< of --kubeconfig: this file alone counts, and it must exist
  std::map<std::string, std::string> environment = {};  ///< KUBECONFIG, HOME, KUBERNETES_SERVICE_*
  /// Where a pod finds its service account; another folder in tests.
  std::filesystem::path service_account = "/var/run/secrets/kubernetes.io/serviceaccount";
};

/// The merged files: entries by name, in the form in which kubectl prints them, paths made
/// absolute.
struct Config {
  std::string current_context;
  std::map<std::string, json> clusters;
  std::map<std::string, json> users;
  std::map<std::string, json> contexts;
  json preferences = json::object();
  std::map<std::string, json> extensions;
  /// Of the file that an entry stands in: its relative paths begin there.
  std::map<std::string, std::filesystem::path> cluster_folders;
  std::map<std::string, std::filesystem::path> user_folders;
  std::vector<std::string> files;  ///< those that were read, as they are named in messages
};

/// KUBECONFIG's list (or ~/.kube/config) merged: the first file that has an entry gives all of it,
/// missing files are skipped. A configuration with nothing in it if there is none. Throws
/// Error(invalid) with every file's mistakes.
Config load_config(const LoadOptions& options);

/// The current context; nothing if nobody asked for a kubeconfig (--kubeconfig, KUBECONFIG) and the
/// file of the home folder sets none. Throws Error(invalid) naming the files if one that was asked
/// for sets none, or if the current context is in none of them: a command must not run somewhere
/// else than meant.
std::optional<std::string> current_context(const Config& config, const LoadOptions& options);

/// The same as `kubectl config view --raw -o json`, secrets included.
json to_json(const Config& config);

/// What one context means, checked: certificates and tokens are read, data decoded.
struct Settings {
  std::string context;     ///< "" in a pod
  std::string cluster;     ///< the cluster's name
  std::string name_space;  ///< "default" unless the context says another

  std::string server;       ///< "https://HOST:PORT[/PATH]" without a slash at the end
  std::string ca;           ///< PEM; "": the system's roots
  bool insecure = false;    ///< insecure-skip-tls-verify
  std::string server_name;  ///< tls-server-name
  std::string proxy;        ///< proxy-url
  bool disable_compression = false;

  std::string certificate;           ///< PEM of the client
  std::string key;                   ///< PEM
  std::string token;                 ///< bearer token
  std::filesystem::path token_file;  ///< read again every minute; takes precedence over `token`
  /// Where `ca`, `certificate` and `key` were read from, to be read again; "": the kubeconfig.
  std::filesystem::path ca_file;
  std::filesystem::path certificate_file;
  std::filesystem::path key_file;
  std::string username;  ///< basic authentication
  std::string password;
  std::optional<ExecConfig> exec;  ///< credential plug-in
  json exec_cluster_config;        ///< what the cluster's entry holds for plug-ins
  ExecOptions exec_options;        ///< not from the kubeconfig: the caller sets it
  std::string impersonate;         ///< act-as
  std::vector<std::string> impersonate_groups;
  std::string impersonate_uid;
  std::map<std::string, std::vector<std::string>> impersonate_extra;

  std::chrono::milliseconds request_timeout{60'000};  ///< of one request; 0: none

  bool is_secure() const { return server.starts_with("https://"); }
};

/// The settings of `context`, or of the current one if it is empty; in a pod without a kubeconfig,
/// those of its service account, which `in_cluster_name` asks for as well. Throws Error(not_found)
/// for an unknown context, with the closest name, and Error(invalid) naming every field that is
/// wrong. No message holds a secret.
Settings resolve(const Config& config, const LoadOptions& options, const std::string& context,
                 const std::string& name_space = "");

/// The context that stands for the service account of the pod that we are in.
inline constexpr auto in_cluster_name = "in-cluster";

/// The settings of a pod's service account; nothing outside a pod. Throws Error(invalid).
std::optional<Settings> in_cluster(const LoadOptions& options);

}  // namespace lotse::identity
