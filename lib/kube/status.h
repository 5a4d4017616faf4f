#pragma once
#include "base/error.h"
#include "net/transport.h"

namespace lotse::kube {

/// HTTP status codes that mean more than success or failure here (RFC 9110).
inline constexpr int unauthorized = 401;
inline constexpr int forbidden = 403;
inline constexpr int gone = 410;

/// A response that is not a success, as the server meant it: its Status object's message and
/// causes with their fields; 404 is not_found, 401 and 403 denied, 409 conflict (or not, for
/// AlreadyExists), 400 and 422 invalid, 410 and the rest failed.
base::Error error_of(const net::Request& request, const net::Response& response);

}  // namespace lotse::kube
