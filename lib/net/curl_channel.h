#pragma once
#include <curl/curl.h>

#include <memory>

#include "net/transport.h"

// Inside this room only: what CurlTransport::connect returns.

namespace lotse::net {

/// Connects with the options that `easy` has, HTTP/1.1 in its TLS handshake, and takes `easy` over.
/// `options` is what those options point to. Throws as Transport::connect does.
std::unique_ptr<Channel> open_channel(CURL* easy, std::shared_ptr<void> options,
                                      const Request& request);

}  // namespace lotse::net
