#include <algorithm>
#include <chrono>

#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "crypto/base64.h"
#include "crypto/pem.h"
#include "identity/config.h"

namespace lotse::identity {

namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorKind;

/// Reads the fields of one entry and collects what is wrong with them.
class Entry {
 public:
  Entry(const json& value, std::string label, base::Diagnostics& problems)
      : value_(value), label_(std::move(label)), problems_(problems) {}

  std::string text(const char* key) const {
    const auto found = value_.find(key);
    if (found == value_.end() || found->is_null()) return "";
    if (found->is_string()) return found->get<std::string>();
    problem(key, "must be text");
    return "";
  }

  bool flag(const char* key) const {
    const auto found = value_.find(key);
    if (found == value_.end() || found->is_null()) return false;
    if (found->is_boolean()) return found->get<bool>();
    problem(key, "must be true or false");
    return false;
  }

  /// The value of `key`-data (base64), which takes precedence, or of the file that `key` names.
  std::string content(const std::string& key, fs::path& file) const {
    if (const auto data = text((key + "-data").c_str()); !data.empty()) {
      const auto decoded = crypto::base64_decode(data);
      if (!decoded) problem(key + "-data", "is not base64");
      return decoded.value_or("");
    }
    const auto path = text(key.c_str());
    if (path.empty()) return "";
    file = path;
    try {
      return base::read_file(path);
    } catch (const Error& error) {
      problem(key, error.what());
      return "";
    }
  }

  void problem(const std::string& key, const std::string& message,
               const std::string& hint = "") const {
    problems_.push_back({label_ + ": " + key, message, hint});
  }

 private:
  const json& value_;
  std::string label_;
  base::Diagnostics& problems_;
};

/// When a JSON Web Token (RFC 7519) expires, out of its claim "exp"; nothing if it is none.
std::optional<std::chrono::system_clock::time_point> token_expiry(const std::string& token) {
  const auto parts = base::split(token, '.');
  if (parts.size() != 3) return std::nullopt;
  auto claims = base::replace_all(base::replace_all(parts[1], "-", "+"), "_", "/");
  while (claims.size() % 4 != 0) claims += '=';
  const auto text = crypto::base64_decode(claims);
  const json read = text ? json::parse(*text, nullptr, false) : json();
  const auto expiry = read.is_object() ? read.value("exp", json()) : json();
  if (!expiry.is_number()) return std::nullopt;
  constexpr double last = 9e9;  // the clock counts nanoseconds in 64 bits, which end in 2262
  const auto seconds = std::clamp(expiry.get<double>(), 0.0, last);
  return std::chrono::system_clock::time_point(std::chrono::seconds(static_cast<int64_t>(seconds)));
}

/// The schemes that client-go takes. The address may hold a password: it is not shown.
void check_proxy(const Entry& entry, const std::string& proxy) {
  for (const char* scheme : {"http://", "https://", "socks5://"})
    if (proxy.starts_with(scheme)) return;
  if (!proxy.empty()) entry.problem("proxy-url", "must begin with http://, https:// or socks5://");
}

/// What a cluster's entry holds for credential plug-ins, by this name (client-go's
/// client_config.go).
json config_for_plugins(const json& cluster) {
  for (const auto& each : cluster.value("extensions", json::array()))
    if (each["name"] == "client.authentication.k8s.io/exec") return each["extension"];
  return nullptr;
}

void read_cluster(const json& cluster, const Entry& entry, Settings& settings) {
  settings.server = entry.text("server");
  while (!settings.server.empty() && settings.server.back() == '/') settings.server.pop_back();
  const bool http =
      settings.server.rfind("https://", 0) == 0 || settings.server.rfind("http://", 0) == 0;
  if (!http) entry.problem("server", "must be an address such as https://HOST:6443");
  settings.ca = entry.content("certificate-authority", settings.ca_file);
  settings.insecure = entry.flag("insecure-skip-tls-verify");
  settings.server_name = entry.text("tls-server-name");
  settings.proxy = entry.text("proxy-url");
  check_proxy(entry, settings.proxy);
  settings.disable_compression = entry.flag("disable-compression");
  settings.exec_cluster_config = config_for_plugins(cluster);
  if (!settings.ca.empty() && settings.insecure)
    entry.problem("insecure-skip-tls-verify", "cannot be true beside a certificate-authority");
  if (!settings.ca.empty() && !crypto::has_certificate(settings.ca))
    entry.problem("certificate-authority", "holds no PEM certificate");
}

void read_impersonation(const json& user, const Entry& entry, Settings& settings) {
  settings.impersonate = entry.text("as");
  settings.impersonate_uid = entry.text("as-uid");
  if (user.contains("as-groups") && user["as-groups"].is_array())
    for (const auto& group : user["as-groups"])
      if (group.is_string()) settings.impersonate_groups.push_back(group);
  if (user.contains("as-user-extra") && user["as-user-extra"].is_object())
    for (const auto& [key, values] : user["as-user-extra"].items())
      for (const auto& value : values)
        if (value.is_string()) settings.impersonate_extra[key].push_back(value);
  const bool more = !settings.impersonate_uid.empty() || !settings.impersonate_groups.empty() ||
                    !settings.impersonate_extra.empty();
  if (more && settings.impersonate.empty())
    entry.problem("as", "is missing: as-uid, as-groups and as-user-extra belong to a user");
}

void check_methods(const Entry& entry, const Settings& settings) {
  const bool bearer = !settings.token.empty() || !settings.token_file.empty();
  const bool basic = !settings.username.empty() || !settings.password.empty();
  if (bearer && basic) entry.problem("token", "cannot stand beside username and password");
  if (settings.certificate.empty() != settings.key.empty())
    entry.problem(settings.key.empty() ? "client-key" : "client-certificate",
                  "is missing: a certificate and its key come together");
  if (!settings.certificate.empty() && !crypto::has_certificate(settings.certificate))
    entry.problem("client-certificate", "holds no PEM certificate");
  if (!settings.key.empty() && !crypto::has_private_key(settings.key))
    entry.problem("client-key", "holds no PEM private key");
  // libcurl would ask for its pass phrase where nobody answers.
  if (crypto::has_encrypted_key(settings.key))
    entry.problem("client-key", "is encrypted, and no pass phrase is asked for",
                  "`openssl pkey -in KEY -out NEW_KEY` takes the pass phrase off; or let a "
                  "credential plug-in (exec) give the key");
}

/// client-go knows the provider "oidc" alone, and sends its id-token where nothing else proves who
/// the user is. It also renews it, and writes the kubeconfig, which Lotse never does.
void read_provider(const json& provider, const Entry& entry, Settings& settings) {
  const auto name = provider.value("name", "");
  if (name != "oidc")
    return entry.problem("auth-provider", "'" + name + "' was removed from Kubernetes in 1.26",
                         "use exec, a credential plug-in");
  if (settings.exec) return entry.problem("auth-provider", "cannot stand beside exec");
  const auto config = provider.value("config", json());
  const auto token = config.is_object() ? config.value("id-token", "") : "";
  constexpr auto renews =
      "kubectl renews it, with the refresh-token, at any request; without one, "
      "the program that wrote it there does";
  constexpr std::chrono::seconds margin{10};  // client-go's oidc.go
  const bool other = !settings.token.empty() || !settings.token_file.empty() ||
                     !settings.username.empty() || !settings.password.empty();
  if (other) return;
  if (token.empty()) return entry.problem("auth-provider", "holds no id-token", renews);
  const auto expiry = token_expiry(token);
  if (!expiry) return entry.problem("auth-provider", "holds an id-token that is no JWT", renews);
  if (std::chrono::system_clock::now() + margin > *expiry)
    return entry.problem("auth-provider", "the id-token has expired", renews);
  settings.token = token;
}

void read_user(const json& user, const Entry& entry, const std::string& label, Settings& settings,
               base::Diagnostics& problems) {
  settings.certificate = entry.content("client-certificate", settings.certificate_file);
  settings.key = entry.content("client-key", settings.key_file);
  settings.token = entry.text("token");
  settings.token_file = entry.text("tokenFile");
  settings.username = entry.text("username");
  settings.password = entry.text("password");
  if (user.contains("exec")) settings.exec = read_exec(user["exec"], label, problems);
  if (user.contains("auth-provider")) read_provider(user["auth-provider"], entry, settings);
  read_impersonation(user, entry, settings);
  check_methods(entry, settings);
}

const json& entry_of(const std::map<std::string, json>& entries, const std::string& name,
                     const std::string& what, const std::string& context) {
  static const json nothing = json::object();
  if (name.empty()) return nothing;
  const auto found = entries.find(name);
  if (found == entries.end())
    throw Error(
        {{"contexts: " + context + ": " + what, "there is no " + what + " '" + name + "'", ""}});
  return found->second;
}

/// Paths in a kubeconfig are relative to the file that they stand in.
void make_absolute(json& entry, const fs::path& folder, const char* key) {
  const std::string path = entry.value(key, "");
  if (path.empty() || path.front() == '/') return;
  auto whole = (folder / path).lexically_normal().string();
  if (whole.size() > 1 && whole.back() == '/') whole.pop_back();
  entry[key] = whole;
}

json cluster_of(const Config& config, const std::string& name, const std::string& context) {
  json cluster = entry_of(config.clusters, name, "cluster", context);
  const auto folder = config.cluster_folders.find(name);
  if (folder != config.cluster_folders.end())
    make_absolute(cluster, folder->second, "certificate-authority");
  return cluster;
}

json user_of(const Config& config, const std::string& name, const std::string& context) {
  json user = entry_of(config.users, name, "user", context);
  const auto folder = config.user_folders.find(name);
  if (folder == config.user_folders.end()) return user;
  for (const char* key : {"client-certificate", "client-key", "tokenFile"})
    make_absolute(user, folder->second, key);
  // A plug-in named with a slash is a file beside the kubeconfig; a bare name is found by PATH.
  if (user.contains("exec") && user["exec"].value("command", "").find('/') != std::string::npos)
    make_absolute(user["exec"], folder->second, "command");
  return user;
}

const json& context_of(const Config& config, const std::string& name) {
  const auto found = config.contexts.find(name);
  if (found != config.contexts.end()) return found->second;
  std::vector<std::string> known;
  for (const auto& [each, value] : config.contexts) known.push_back(each);
  const auto near = base::closest(name, known);
  throw Error(
      ErrorKind::not_found, "there is no context '" + name + "'",
      near.empty() ? "`lotse context list` shows what there is" : "did you mean " + near + "?");
}

std::string variable(const LoadOptions& options, const char* name) {
  const auto found = options.environment.find(name);
  return found == options.environment.end() ? "" : found->second;
}

}  // namespace

std::optional<Settings> in_cluster(const LoadOptions& options) {
  const auto host = variable(options, "KUBERNETES_SERVICE_HOST");
  const auto port = variable(options, "KUBERNETES_SERVICE_PORT");
  const auto token = options.service_account / "token";
  if (host.empty() || port.empty() || !fs::exists(token)) return {};
  Settings settings;
  const bool v6 = host.find(':') != std::string::npos;
  settings.cluster = "in-cluster";
  settings.server = "https://" + (v6 ? "[" + host + "]" : host) + ":" + port;
  settings.token_file = token;
  settings.ca_file = options.service_account / "ca.crt";
  settings.ca = base::read_file(settings.ca_file);
  const auto space = base::read_file_if_there(options.service_account / "namespace");
  settings.name_space = space ? base::trim(*space) : "default";
  return settings;
}

Settings resolve(const Config& config, const LoadOptions& options, const std::string& context,
                 const std::string& name_space) {
  const auto name = context.empty() ? config.current_context : context;
  if (name.empty() || (name == in_cluster_name && config.contexts.count(name) == 0)) {
    if (auto settings = in_cluster(options)) {
      if (!name_space.empty()) settings->name_space = name_space;
      return *settings;
    }
    if (!name.empty())
      throw Error(ErrorKind::not_found, "this is no pod with a service account",
                  "`lotse context list` shows what there is");
    throw Error(ErrorKind::not_found, "no context is set",
                "`lotse context use NAME` sets one, --on NAME takes one for this command");
  }
  const auto& chosen = context_of(config, name);
  base::Diagnostics problems;
  const Entry entry(chosen, "contexts: " + name, problems);
  Settings settings;
  settings.context = name;
  settings.cluster = entry.text("cluster");
  settings.name_space = name_space.empty() ? entry.text("namespace") : name_space;
  if (settings.name_space.empty()) settings.name_space = "default";
  const auto user = entry.text("user");
  const json cluster_entry = cluster_of(config, settings.cluster, name);
  const json user_entry = user_of(config, user, name);
  read_cluster(cluster_entry, {cluster_entry, "clusters: " + settings.cluster, problems}, settings);
  const auto label = "users: " + user;
  read_user(user_entry, {user_entry, label, problems}, label, settings, problems);
  base::throw_if_any(std::move(problems));
  return settings;
}

}  // namespace lotse::identity
