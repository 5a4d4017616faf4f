#pragma once
#include <string>

namespace lotse::net {

/// The parts of a URL (RFC 3986), without fragment.
struct Url {
  std::string scheme;     ///< "" where the text has none
  std::string authority;  ///< host and port
  std::string path;       ///< with its slash and the query; "" for none
};

Url split_url(const std::string& text);

struct HostPort {
  std::string host;  ///< without the brackets of an IPv6 address
  std::string port;  ///< "" for none
};

HostPort split_port(const std::string& authority);

}  // namespace lotse::net
