#include "net/url.h"

#include <algorithm>

namespace lotse::net {

Url split_url(const std::string& text) {
  const auto colon = text.find("://");
  const bool has_scheme = colon != std::string::npos;
  const auto host = has_scheme ? colon + 3 : 0;
  const auto slash = std::min(text.find('/', host), text.size());
  return {has_scheme ? text.substr(0, colon) : "", text.substr(host, slash - host),
          text.substr(slash)};
}

HostPort split_port(const std::string& authority) {
  const auto bracket = authority.rfind(']');
  const auto colon = authority.rfind(':');
  const bool bare_ipv6 = bracket == std::string::npos && authority.find(':') != colon;
  const bool has_port =
      colon != std::string::npos && !bare_ipv6 && (bracket == std::string::npos || colon > bracket);
  HostPort found{authority.substr(0, has_port ? colon : authority.size()),
                 has_port ? authority.substr(colon + 1) : ""};
  if (found.host.starts_with('[') && found.host.ends_with(']'))
    found.host = found.host.substr(1, found.host.size() - 2);
  return found;
}

}  // namespace lotse::net
