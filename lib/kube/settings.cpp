#include <algorithm>

#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "crypto/base64.h"
#include "crypto/pem.h"
#include "kube/config.h"

namespace lotse::kube {

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

  /// `key`-data as base64 goes before the file that `key` names.
  std::string content(const std::string& key) const {
    if (const auto data = text((key + "-data").c_str()); !data.empty()) {
      const auto decoded = crypto::base64_decode(data);
      if (!decoded) problem(key + "-data", "is not base64");
      return decoded.value_or("");
    }
    const auto path = text(key.c_str());
    if (path.empty()) return "";
    try {
      return base::read_file(path);
    } catch (const Error& error) {
      problem(key, error.what());
      return "";
    }
  }

  void problem(const std::string& key, const std::string& message) const {
    problems_.push_back({label_ + ": " + key, message, ""});
  }

 private:
  const json& value_;
  std::string label_;
  base::Diagnostics& problems_;
};

void read_cluster(const Entry& entry, Settings& settings) {
  settings.server = entry.text("server");
  while (!settings.server.empty() && settings.server.back() == '/') settings.server.pop_back();
  const bool http =
      settings.server.rfind("https://", 0) == 0 || settings.server.rfind("http://", 0) == 0;
  if (!http) entry.problem("server", "must be an address such as https://HOST:6443");
  settings.ca = entry.content("certificate-authority");
  settings.insecure = entry.flag("insecure-skip-tls-verify");
  settings.server_name = entry.text("tls-server-name");
  settings.proxy = entry.text("proxy-url");
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
}

void check_methods(const Entry& entry, const Settings& settings) {
  const bool bearer = !settings.token.empty() || !settings.token_file.empty();
  const bool basic = !settings.username.empty() || !settings.password.empty();
  if (bearer && basic) entry.problem("token", "cannot stand beside username and password");
  if (settings.exec && basic) entry.problem("exec", "cannot stand beside username and password");
  if (settings.certificate.empty() != settings.key.empty())
    entry.problem(settings.key.empty() ? "client-key" : "client-certificate",
                  "is missing: a certificate and its key come together");
  if (!settings.certificate.empty() && !crypto::has_certificate(settings.certificate))
    entry.problem("client-certificate", "holds no PEM certificate");
  if (!settings.key.empty() && !crypto::has_private_key(settings.key))
    entry.problem("client-key", "holds no PEM private key");
}

void read_user(const json& user, const Entry& entry, Settings& settings) {
  settings.certificate = entry.content("client-certificate");
  settings.key = entry.content("client-key");
  settings.token = entry.text("token");
  settings.token_file = entry.text("tokenFile");
  settings.username = entry.text("username");
  settings.password = entry.text("password");
  if (user.contains("exec") && !user["exec"].is_null()) settings.exec = user["exec"];
  if (user.contains("auth-provider"))
    entry.problem("auth-provider", "was removed from Kubernetes in 1.26: use exec");
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
  settings.ca = base::read_file(options.service_account / "ca.crt");
  const auto space = base::read_file_if_there(options.service_account / "namespace");
  settings.name_space = space ? base::trim(*space) : "default";
  return settings;
}

Settings resolve(const Config& config, const LoadOptions& options, const std::string& context,
                 const std::string& name_space) {
  const auto name = context.empty() ? config.current_context : context;
  if (name.empty()) {
    if (auto settings = in_cluster(options)) {
      if (!name_space.empty()) settings->name_space = name_space;
      return *settings;
    }
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
  const auto& cluster_entry = entry_of(config.clusters, settings.cluster, "cluster", name);
  const auto& user_entry = entry_of(config.users, user, "user", name);
  read_cluster({cluster_entry, "clusters: " + settings.cluster, problems}, settings);
  read_user(user_entry, {user_entry, "users: " + user, problems}, settings);
  base::throw_if_any(std::move(problems));
  return settings;
}

}  // namespace lotse::kube
