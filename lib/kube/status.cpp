#include "kube/status.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/strings.h"
#include "net/retry.h"
#include "object/member.h"

namespace lotse::kube {

namespace {

using base::Error;
using base::ErrorKind;
using nlohmann::json;

/// What is wrong with an applied object before it is even compared with the one that is there, the
/// server calls its own failure (500): a list that has an item twice, for one.
bool is_of_the_object(const std::string& message) {
  return message.starts_with("failed to create typed patch object");
}

ErrorKind kind_of(int status, const std::string& message = "") {
  if (is_of_the_object(message)) return ErrorKind::invalid;
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

/// The server says in words alone who refuses: its own rules for rights, a quota, a limit, or an
/// admission plug-in.
std::string hint_of_refusal(const std::string& message) {
  const auto says = [&](const char* words) { return message.find(words) != std::string::npos; };
  if (says("exceeded quota") || says("failed quota"))
    return "the namespace's quota: `lotse get resourcequotas -o yaml` shows what is used; ask for "
           "less, or delete what is not needed";
  if (says("admission webhook") || says("ValidatingAdmissionPolicy"))
    return "a rule of this cluster refuses it: whoever runs the cluster can say what it wants";
  if (says("violates PodSecurity"))
    return "the namespace's Pod Security level refuses it: its label "
           "pod-security.kubernetes.io/enforce says which";
  if (says(" usage per ") || says("limit to request ratio"))
    return "the namespace's limits: `lotse get limitranges -o yaml` shows them";
  if (says("is being terminated")) return "the namespace is being deleted: -n names another one";
  return says("cannot ")
             ? "`lotse context check` lists the rights that lotse needs here, and which "
               "of them you lack"
             : "";
}

bool is_missing_namespace(const std::string& message) {
  return message.starts_with("namespaces \"") && message.ends_with("not found");
}

std::string hint_of(int status, const std::string& message, const json& causes) {
  if (is_field_conflict(causes))
    return "other field managers own these fields: leave them out, or agree with their values";
  if (status == 401) return "the credentials of this context are not accepted: log in again";
  if (status == 403) return hint_of_refusal(message);
  if (status == 404 && is_missing_namespace(message))
    return "-n names another namespace; `lotse get namespaces` shows those that you may see";
  return "";
}

/// An answer that no API server gives: a proxy's page, or a login's.
Error strange_answer(const net::Request& request, const net::Response& response) {
  const bool elsewhere = response.status >= 300 && response.status < 400;
  const auto location = response.headers.find("location");
  std::string message =
      base::cat(request.method, " ", request.url, " was answered ", response.status);
  if (elsewhere && location != response.headers.end())
    message += ", which leads to " + location->second;
  else if (const auto body = base::trim(response.body.substr(0, 200)); !body.empty())
    message += ": " + body;
  if (!elsewhere) return {kind_of(response.status), message};
  return {ErrorKind::unreachable, message,
          "an API server leads nowhere else: the kubeconfig's address may be that of a proxy that "
          "wants a login, or of another service"};
}

std::string after_retries(const net::Request& request, const net::Response& response) {
  const auto wait = response.headers.find("retry-after");
  return base::cat(" (", response.attempts, " requests: ", request.method, " ", request.url,
                   ", the last answered ", response.status,
                   wait == response.headers.end() ? "" : ", Retry-After " + wait->second, ")");
}

}  // namespace

std::string busy_words(const net::Response& response) {
  const json status = json::parse(response.body, nullptr, false);
  return base::cat(net::server_busy, ": the server answers 429 (",
                   object::text_at(status, {"message"}, "too many requests"), ")");
}

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
  const auto retried = response.attempts > 1 ? after_retries(request, response) : "";
  if (message.empty()) {
    const auto error = strange_answer(request, response);
    const auto hint = error.hint().empty() ? hint_of(response.status, "", causes) : error.hint();
    return {error.kind(), error.what() + retried, hint};
  }
  return {kind_of(response.status, message), message + retried,
          hint_of(response.status, message, causes)};
}

}  // namespace lotse::kube
