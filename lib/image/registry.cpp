#include "image/registry.h"

#include <algorithm>
#include <regex>

#include "base/error.h"
#include "base/strings.h"
#include "crypto/base64.h"
#include "net/url.h"

namespace lotse::image {

namespace {

using base::Error;
using base::ErrorKind;
using nlohmann::json;

constexpr auto manifest_types =
    "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, "
    "application/vnd.docker.distribution.manifest.list.v2+json, "
    "application/vnd.docker.distribution.manifest.v2+json";

bool is_this_machine(const std::string& authority) {
  const auto host = net::split_port(authority).host;
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

/// Plain HTTP is only for this machine.
bool is_safe(const std::string& url) {
  const auto parts = net::split_url(url);
  return parts.scheme == "https" || (parts.scheme == "http" && is_this_machine(parts.authority));
}

std::string basic(const Login& login) {
  return "Basic " + crypto::base64_encode(login.user + ":" + login.password);
}

std::string text_in(const json& object, const char* key) {
  return object.is_object() && object.contains(key) && object[key].is_string()
             ? object[key].get<std::string>()
             : "";
}

/// A parameter of `Bearer realm="…",service="…",scope="…"` (RFC 6750 section 3).
std::string parameter(const std::string& challenge, const std::string& name) {
  const std::regex quoted("[ ,]" + name + "=\"([^\"]*)\"", std::regex::icase);
  std::smatch found;
  return std::regex_search(challenge, found, quoted) ? found[1].str() : "";
}

std::string header(const net::Response& response, const char* name) {
  const auto found = response.headers.find(name);
  return found == response.headers.end() ? "" : found->second;
}

json document_in(const net::Response& response, const std::string& registry) {
  auto document = json::parse(response.body, nullptr, false);
  if (document.is_object()) return document;
  throw Error(ErrorKind::unreachable, registry + " does not answer as a registry does");
}

void add_once(const std::string& one, std::vector<std::string>& all) {
  if (!one.empty() && std::find(all.begin(), all.end(), one) == all.end()) all.push_back(one);
}

/// Of an index: what is for Linux; attestations are of the architecture "unknown".
std::vector<std::string> architectures_in(const json& manifests) {
  std::vector<std::string> found;
  for (const auto& each : manifests) {
    const json platform = each.is_object() ? each.value("platform", json()) : json();
    const auto architecture = text_in(platform, "architecture");
    if (text_in(platform, "os") == "linux" && architecture != "unknown")
      add_once(architecture, found);
  }
  return found;
}

/// An artifact that is no image (model weights, say) has a configuration of any type, or none.
bool is_of_an_image(const json& config) {
  const auto type = text_in(config, "mediaType");
  return type.empty() || type == "application/vnd.oci.image.config.v1+json" ||
         type == "application/vnd.docker.container.image.v1+json";
}

}  // namespace

net::Response Registry::ask(const std::string& url,
                            std::vector<std::pair<std::string, std::string>> headers) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
      deadline_ - std::chrono::steady_clock::now());
  if (left.count() <= 0)
    throw Error(ErrorKind::unreachable, registry_ + " does not answer in time");
  net::Request request;
  request.url = url;
  request.headers = std::move(headers);
  request.timeout = left;
  return transport_.send(request);
}

net::Response Registry::ask_registry(const std::string& path, const std::string& accept) {
  std::vector<std::pair<std::string, std::string>> headers = {{"Accept", accept}};
  if (!authorization_.empty()) headers.emplace_back("Authorization", authorization_);
  try {
    return ask(server_ + path, headers);
  } catch (const net::TransportError& error) {
    // A registry on this machine mostly has no certificate.
    const bool plain = is_this_machine(registry_) && server_.starts_with("https://") &&
                       error.failure().stage == net::Failure::Stage::connect;
    if (!plain) throw;
  }
  server_ = "http://" + registry_;
  return ask(server_ + path, headers);
}

std::string Registry::token_from(const std::string& challenge, const std::optional<Login>& login) {
  const auto realm = parameter(challenge, "realm");
  if (!is_safe(realm)) return "";
  auto url = realm;
  for (const char* name : {"service", "scope"})
    if (const auto value = parameter(challenge, name); !value.empty())
      url += (url.find('?') == std::string::npos ? "?" : "&") + std::string(name) + "=" +
             base::percent_encoded(value);
  std::vector<std::pair<std::string, std::string>> headers;
  if (login) headers.emplace_back("Authorization", basic(*login));
  const auto response = ask(url, std::move(headers));
  if (!response.ok()) return "";
  const auto answer = json::parse(response.body, nullptr, false);
  const auto token = text_in(answer, "token");
  return token.empty() ? text_in(answer, "access_token") : token;
}

/// False where the registry cannot be told more than it was.
bool Registry::log_in(const net::Response& refused) {
  const auto challenge = header(refused, "www-authenticate");
  const auto scheme = base::lower(challenge.substr(0, challenge.find(' ')));
  const auto login = login_for_(registry_);
  if (scheme == "basic" && login) authorization_ = basic(*login);
  if (scheme == "bearer")
    if (const auto token = token_from(challenge, login); !token.empty())
      authorization_ = "Bearer " + token;
  return !authorization_.empty();
}

net::Response Registry::get(const std::string& path, const std::string& accept) {
  auto response = ask_registry(path, accept);
  if (response.status == 401 && authorization_.empty() && log_in(response))
    response = ask_registry(path, accept);
  // Blobs often lie elsewhere, where the registry's credentials are nobody's business.
  for (int hops = 0; response.status >= 301 && response.status <= 308 && hops < 3; ++hops) {
    auto place = header(response, "location");
    if (place.starts_with("/")) place = server_ + place;
    if (!is_safe(place)) break;
    response = ask(place, {{"Accept", accept}});
  }
  if (response.status == 401 || response.status == 403)
    throw Error(ErrorKind::denied, registry_ + " wants credentials" +
                                       (authorization_.empty() ? "" : " other than those it got"));
  if (!response.ok() && response.status != 404)
    throw Error(ErrorKind::unreachable, base::cat(registry_, " answers ", response.status));
  return response;
}

std::optional<std::vector<std::string>> Registry::architectures_of(const Reference& image) {
  registry_ = image.registry;
  server_ = "https://" + (registry_ == "docker.io" ? "registry-1.docker.io" : registry_);
  authorization_.clear();
  const auto base = "/v2/" + image.repository;
  const auto response =
      get(base + "/manifests/" + (image.digest.empty() ? image.tag : image.digest), manifest_types);
  if (response.status == 404) return {};
  const auto manifest = document_in(response, registry_);
  if (const auto list = manifest.find("manifests"); list != manifest.end() && list->is_array())
    return architectures_in(*list);
  const json config = manifest.value("config", json());
  const auto digest = text_in(config, "digest");
  constexpr size_t most = 4 << 20;
  if (digest.empty() || !is_of_an_image(config) || config.value("size", most + 1) > most)
    return std::vector<std::string>();
  const auto blob = get(base + "/blobs/" + digest, "*/*");
  if (blob.status == 404) return {};
  const auto configuration = document_in(blob, registry_);
  std::vector<std::string> found;
  add_once(text_in(configuration, "architecture"), found);
  return found;
}

}  // namespace lotse::image
