#include "net/transport.h"

#include "net/url.h"

namespace lotse::net {

namespace {

/// The URL's scheme, host and port for messages: enough to know the server, nothing that may be
/// secret.
std::string server_of(const std::string& url) {
  const auto [scheme, authority, path] = split_url(url);
  return scheme + "://" + authority;
}

std::string message(const Request& request, const Failure& failure) {
  const std::string what = request.method + " on " + server_of(request.url);
  if (failure.stage == Failure::Stage::connect)
    return "cannot reach " + server_of(request.url) + ": " + failure.message;
  return what + " broke off: " + failure.message;
}

std::string advice(const Request& request, const Failure& failure) {
  if (failure.stage == Failure::Stage::connect)
    return "check that the server runs, and the context: lotse context show";
  return request.method == "GET" ? "" : "the server may have carried it out: look before repeating";
}

}  // namespace

TransportError::TransportError(const Request& request, Failure failure)
    : Error(base::ErrorKind::unreachable, message(request, failure), advice(request, failure)),
      failure_(std::move(failure)) {}

}  // namespace lotse::net
