#pragma once
#include <string>

namespace lotse::net {

/// The proxy that HTTPS_PROXY or HTTP_PROXY names for a URL of that scheme, "" for none. No proxy
/// is used for loopback, nor for what NO_PROXY lists: `*`, addresses and names, which a port may
/// follow, and CIDRs. `example.org` means its subdomains as well, `.example.org` and
/// `*.example.org` mean them alone. Variables in lower case count where those in upper case are
/// empty. Source: the documentation of Go's golang.org/x/net/http/httpproxy, which kubectl uses.
std::string proxy_of_environment(const std::string& url);

}  // namespace lotse::net
