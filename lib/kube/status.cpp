#include "kube/status.h"

#include <algorithm>
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

constexpr auto field_conflict = "FieldManagerConflict";

/// `conflict with "MANAGER" using apps/v1` -> MANAGER.
std::string manager_in(const std::string& message) {
  const auto begin = message.find('"');
  const auto end = message.find('"', begin + 1);
  return end == std::string::npos ? message : message.substr(begin + 1, end - begin - 1);
}

json causes_of(const json& status) {
  const json::json_pointer at("/details/causes");
  return status.is_object() && status.contains(at) && status.at(at).is_array() ? status.at(at)
                                                                               : json::array();
}

bool is_field_conflict(const json& causes) {
  return std::any_of(causes.begin(), causes.end(),
                     [](const json& cause) { return cause.value("reason", "") == field_conflict; });
}

/// A line each: "  FIELD: MESSAGE", or "  MANAGER: .FIELD" for what another manager owns.
std::string lines_of(const json& causes) {
  std::string text;
  for (const auto& cause : causes) {
    const auto field = cause.value("field", "");
    const auto message = cause.value("message", "");
    if (cause.value("reason", "") == field_conflict)
      text += "\n  " + manager_in(message) + ": " + field;
    else
      text += "\n  " + (field.empty() ? "" : field + ": ") + message;
  }
  return text;
}

std::string hint_of(int status, const json& causes) {
  if (is_field_conflict(causes))
    return "other field managers own these fields: leave them out, or agree with their values";
  switch (status) {
    case 401:
      return "the credentials of this context are not accepted: log in again";
    case 403:
      return "the README lists the rights that lotse needs in a namespace";
    default:
      return "";
  }
}

std::string after_retries(const net::Request& request, const net::Response& response) {
  const auto wait = response.headers.find("retry-after");
  return base::cat(" (", response.attempts, " requests: ", request.method, " ", request.url,
                   ", the last answered ", response.status,
                   wait == response.headers.end() ? "" : ", Retry-After " + wait->second, ")");
}

}  // namespace

Error error_of(const net::Request& request, const net::Response& response) {
  const json status = json::parse(response.body, nullptr, false);
  const json causes = causes_of(status);
  std::string message;
  if (status.is_object() && status.value("kind", "") == "Status") {
    message = status.value("message", "");
    const auto listed = lines_of(causes);
    // The message of an invalid object repeats its causes in one long line.
    if (!listed.empty() && message.size() > 120)
      message = message.substr(0, message.find(": ") + 1);
    message += listed;
  }
  if (message.empty())
    message = base::cat(request.method, " was answered ", response.status, ": ",
                        base::trim(response.body.substr(0, 200)));
  if (response.attempts > 1) message += after_retries(request, response);
  return {kind_of(response.status), message, hint_of(response.status, causes)};
}

}  // namespace lotse::kube
