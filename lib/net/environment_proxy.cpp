#include "net/environment_proxy.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <vector>

#include "base/strings.h"
#include "net/url.h"

namespace lotse::net {

namespace {

/// The bytes of an IPv4 address (four) or an IPv6 address (sixteen).
using Bytes = std::vector<uint8_t>;

std::optional<Bytes> address_of(const std::string& text) {
  const bool six = text.find(':') != std::string::npos;
  Bytes bytes(six ? 16 : 4);
  if (::inet_pton(six ? AF_INET6 : AF_INET, text.c_str(), bytes.data()) != 1) return std::nullopt;
  return bytes;
}

bool is_loopback(const std::string& host, const std::optional<Bytes>& address) {
  if (!address) return host == "localhost";
  return address->size() == 4 ? address->front() == 127 : address == address_of("::1");
}

/// Whether an address lies in a network such as 10.0.0.0/8.
bool contains(const std::string& network, const Bytes& address) {
  const auto slash = network.find('/');
  if (slash == std::string::npos) return false;
  const auto base = address_of(network.substr(0, slash));
  size_t bits = 0;
  const char* const end = network.data() + network.size();
  const auto [rest, error] = std::from_chars(network.data() + slash + 1, end, bits);
  if (!base || error != std::errc{} || rest != end || base->size() != address.size() ||
      bits > address.size() * 8)
    return false;
  const auto whole = static_cast<std::ptrdiff_t>(bits / 8);
  if (!std::equal(address.begin(), address.begin() + whole, base->begin())) return false;
  const int mask = 0xff00 >> (bits % 8) & 0xff;
  return mask == 0 || ((address[bits / 8] ^ (*base)[bits / 8]) & mask) == 0;
}

bool names(std::string pattern, const std::string& host) {
  if (pattern.starts_with("*.")) pattern.erase(0, 1);
  if (pattern.starts_with('.')) return host.ends_with(pattern);
  return host == pattern || host.ends_with("." + pattern);
}

/// Whether an entry of NO_PROXY matches this server.
bool means(const std::string& entry, const HostPort& server, const std::optional<Bytes>& address) {
  if (entry == "*") return true;
  if (address && contains(entry, *address)) return true;
  const auto [host, port] = split_port(entry);
  if (host.empty() || (!port.empty() && port != server.port)) return false;
  return address ? address_of(host) == address : names(host, server.host);
}

std::string variable(const std::string& name) {
  for (const auto& spelled : {base::upper(name), name})
    if (const char* value = std::getenv(spelled.c_str()); value && *value) return value;
  return {};
}

}  // namespace

std::string proxy_of_environment(const std::string& url) {
  const auto [scheme, authority, path] = split_url(url);
  auto proxy = variable(scheme + "_proxy");
  if (proxy.empty()) return {};
  auto server = split_port(base::lower(authority));
  if (server.port.empty()) server.port = scheme == "https" ? "443" : "80";
  const auto address = address_of(server.host);
  if (is_loopback(server.host, address)) return {};
  for (const auto& entry : base::split(base::lower(variable("no_proxy")), ','))
    if (means(base::trim(entry), server, address)) return {};
  return proxy;
}

}  // namespace lotse::net
