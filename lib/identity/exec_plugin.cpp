#include "identity/exec_plugin.h"

#include <unistd.h>

#include <cstdio>
#include <ctime>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "base/strings.h"
#include "crypto/base64.h"
#include "crypto/certificate.h"
#include "document/document.h"
#include "identity/capture.h"

namespace lotse::identity {

namespace {

using base::Error;
using base::ErrorKind;

constexpr auto path_of_debian = "/usr/local/bin:/usr/bin:/bin";

std::string called(const ExecConfig& config) {
  return "the credential plug-in '" + config.command + "'";
}

[[noreturn]] void refuse(const ExecConfig& config, const std::string& why) {
  throw Error(ErrorKind::invalid, called(config) + " " + why);
}

json cluster_info(const Settings& settings) {
  json cluster = {{"server", settings.server}, {"config", settings.exec_cluster_config}};
  if (!settings.server_name.empty()) cluster["tls-server-name"] = settings.server_name;
  if (settings.insecure) cluster["insecure-skip-tls-verify"] = true;
  if (!settings.ca.empty())
    cluster["certificate-authority-data"] = crypto::base64_encode(settings.ca);
  if (!settings.proxy.empty()) cluster["proxy-url"] = settings.proxy;
  if (settings.disable_compression) cluster["disable-compression"] = true;
  return cluster;
}

/// Whether the plug-in may ask the user something. Throws if it must and cannot.
bool is_interactive(const ExecConfig& config, const ExecOptions& options) {
  using Interactive = ExecConfig::Interactive;
  if (config.interactive == Interactive::never) return false;
  const bool terminal = options.is_terminal ? options.is_terminal() : ::isatty(STDIN_FILENO) != 0;
  const bool available = terminal && options.may_read_terminal;
  if (config.interactive == Interactive::always && !available)
    throw Error(ErrorKind::invalid,
                called(config) + " must ask you something, but standard input is " +
                    (terminal ? "taken" : "no terminal"),
                "run it in a terminal, or use a user of the kubeconfig that needs none");
  return available;
}

/// RFC 3339 section 5.6.
std::optional<WallTime> parse_time(const std::string& text) {
  std::tm utc = {};
  int used = 0;
  if (std::sscanf(text.c_str(), "%4d-%2d-%2dT%2d:%2d:%2d%n", &utc.tm_year, &utc.tm_mon,
                  &utc.tm_mday, &utc.tm_hour, &utc.tm_min, &utc.tm_sec, &used) != 6)
    return {};
  utc.tm_year -= 1900;
  utc.tm_mon -= 1;
  auto rest = text.substr(static_cast<std::size_t>(used));
  if (rest.starts_with("."))
    rest.erase(0, std::min(rest.find_first_not_of("0123456789", 1), rest.size()));
  const WallTime time = std::chrono::system_clock::from_time_t(::timegm(&utc));
  if (rest == "Z" || rest == "z") return time;
  int hours = 0, minutes = 0;
  char sign = 0;
  if (rest.size() != 6 || std::sscanf(rest.c_str(), "%c%2d:%2d", &sign, &hours, &minutes) != 3 ||
      (sign != '+' && sign != '-'))
    return {};
  const auto offset = std::chrono::hours(hours) + std::chrono::minutes(minutes);
  return sign == '+' ? time - offset : time + offset;
}

/// Parses YAML, of which JSON is a part. The parser's own message is dropped, since it may quote
/// the text.
json parse_output(const std::string& output, const ExecConfig& config) {
  try {
    json value = json::parse(output, nullptr, false);
    if (value.is_discarded()) value = document::parse_yaml(output, "").value;
    if (value.is_object()) return value;
  } catch (const Error&) {
  }
  refuse(config, "printed no ExecCredential");
}

std::string text_in(const json& object, const char* key, const ExecConfig& config) {
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return "";
  if (!found->is_string()) refuse(config, std::string("printed a ") + key + " that is no text");
  return *found;
}

void check(const ExecCredential& credential, const ExecConfig& config) {
  for (const char c : credential.token)
    if (static_cast<unsigned char>(c) < ' ' || c == 127)
      refuse(config, "printed a token with control characters");
  if (credential.token.empty() && credential.certificate.empty() && credential.key.empty())
    refuse(config, "printed neither a token nor a certificate and its key");
  if (credential.certificate.empty() != credential.key.empty())
    refuse(config, "printed only one of certificate and key");
  if (!credential.certificate.empty() && !crypto::is_key_of(credential.certificate, credential.key))
    refuse(config, "printed a certificate and a key that do not belong together, or are not PEM");
}

}  // namespace

std::string exec_info(const Settings& settings, bool interactive) {
  json spec = {{"interactive", interactive}};
  if (settings.exec->provide_cluster_info) spec["cluster"] = cluster_info(settings);
  return json{
      {"kind", "ExecCredential"}, {"apiVersion", settings.exec->api_version}, {"spec", spec}}
      .dump();
}

ExecCredential parse_exec_credential(const std::string& output, const ExecConfig& config) {
  const json printed = parse_output(output, config);
  if (text_in(printed, "kind", config) != "ExecCredential")
    refuse(config, "printed no ExecCredential");
  if (text_in(printed, "apiVersion", config) != config.api_version)
    refuse(config, "answered in another version than " + config.api_version +
                       ", which the kubeconfig asks for");
  if (!printed.contains("status") || !printed["status"].is_object())
    refuse(config, "printed no status");
  const json& status = printed["status"];
  ExecCredential credential;
  credential.token = text_in(status, "token", config);
  credential.certificate = text_in(status, "clientCertificateData", config);
  credential.key = text_in(status, "clientKeyData", config);
  if (const auto time = text_in(status, "expirationTimestamp", config); !time.empty()) {
    credential.expires = parse_time(time);
    if (!credential.expires) refuse(config, "printed an expirationTimestamp that is no time");
  }
  check(credential, config);
  return credential;
}

ExecCredential run_exec_plugin(const Settings& settings) {
  const auto& config = *settings.exec;
  const auto& options = settings.exec_options;
  const auto folders = options.environment.find("PATH");
  base::throw_if_interrupted();
  Capture capture;
  capture.arguments = {options.policy.program(
      config.command, folders == options.environment.end() ? path_of_debian : folders->second,
      config.install_hint)};
  capture.arguments.insert(capture.arguments.end(), config.arguments.begin(),
                           config.arguments.end());
  capture.terminal = is_interactive(config, options);
  capture.environment = options.environment;
  for (const auto& [name, value] : config.environment) capture.environment[name] = value;
  capture.environment["KUBERNETES_EXEC_INFO"] = exec_info(settings, capture.terminal);
  capture.timeout = options.timeout;
  base::log_debug(1, "running " + called(config));
  const auto captured = run(capture);
  if (captured.timed_out)
    throw Error(ErrorKind::unreachable,
                called(config) + " did not end within " +
                    std::to_string(options.timeout.count() / 1000) + " s and was stopped",
                "--request-timeout gives it more time");
  if (captured.code != 0)
    throw Error(ErrorKind::denied,
                called(config) + " failed with exit code " + std::to_string(captured.code),
                "what it said is above; it decides who you are for context " + settings.context);
  return parse_exec_credential(captured.output, config);
}

}  // namespace lotse::identity
