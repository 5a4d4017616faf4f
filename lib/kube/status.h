#pragma once
#include <string>

#include "base/error.h"
#include "net/transport.h"

namespace lotse::kube {

/// The HTTP status codes that are more than success or failure here (RFC 9110).
inline constexpr int unauthorized = 401;
inline constexpr int forbidden = 403;
inline constexpr int not_found = 404;
inline constexpr int gone = 410;
inline constexpr int too_many_requests = 429;

/// "ServerBusy: the server answers 429 (...)", with the message of its Status object.
std::string busy_words(const net::Response& response);

/// The error for a response that is not a success, in the server's words: its Status object's
/// message and causes with their fields. 404 is not_found, 401 and 403 are denied, 409 is conflict,
/// 400 and 422 are invalid, 410 and the rest are failed.
base::Error error_of(const net::Request& request, const net::Response& response);

}  // namespace lotse::kube
