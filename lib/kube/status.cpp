#include "kube/status.h"

#include <nlohmann/json.hpp>

#include "base/strings.h"

namespace lotse::kube {

namespace {

using base::Error;
using base::ErrorKind;
using nlohmann::json;

ErrorKind kind_of(int status) {
  switch (status) {
    case 400:
    case 413:
    case 415:
    case 422:
      return ErrorKind::invalid;
    case 401:
    case 403:
      return ErrorKind::denied;
    case 404:
      return ErrorKind::not_found;
    case 409:
      return ErrorKind::conflict;
    case 429:
    case 502:
    case 503:
    case 504:
      return ErrorKind::unreachable;
    default:
      return ErrorKind::failed;
  }
}

/// "  FIELD: MESSAGE" a line; a field manager's conflict names the manager in its message.
std::string causes(const json& status) {
  std::string text;
  const auto details = status.find("details");
  if (details == status.end() || !details->is_object() || !details->contains("causes")) return "";
  for (const auto& cause : (*details)["causes"]) {
    const auto field = cause.value("field", "");
    text += "\n  " + (field.empty() ? "" : field + ": ") + cause.value("message", "");
  }
  return text;
}

std::string hint_of(int status) {
  switch (status) {
    case 401:
      return "the credentials of this context are not accepted: log in again";
    case 403:
      return "the README lists the rights that lotse needs in a namespace";
    case 409:
      return "another field manager owns these fields: leave them out, or agree with it";
    default:
      return "";
  }
}

}  // namespace

Error error_of(const net::Request& request, const net::Response& response) {
  const json status = json::parse(response.body, nullptr, false);
  std::string message;
  if (status.is_object() && status.value("kind", "") == "Status") {
    message = status.value("message", "");
    const auto listed = causes(status);
    // The message of an invalid object repeats its causes in one long line.
    if (!listed.empty() && message.size() > 120)
      message = message.substr(0, message.find(": ") + 1);
    message += listed;
  }
  if (message.empty())
    message = base::cat(request.method, " was answered ", response.status, ": ",
                        base::trim(response.body.substr(0, 200)));
  if (response.attempts > 1)
    message +=
        base::cat(" (", response.attempts, " requests, the last answered ", response.status, ")");
  return {kind_of(response.status), message, hint_of(response.status)};
}

}  // namespace lotse::kube
