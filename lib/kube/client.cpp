#include "kube/client.h"

#include <algorithm>

#include "base/error.h"
#include "base/strings.h"
#include "kube/patience.h"
#include "kube/status.h"
#include "net/retry.h"
#include "object/reference.h"

namespace lotse::kube {

namespace {

using base::Error;
using base::ErrorKind;
using object::Kind;

/// A node tells of its images, 15 kB of them.
const char* page_size_of(const Kind& kind) {
  return kind.kind == "Node" ? "100" : "500";
}

std::string url_of(const identity::Settings& settings, const Call& call) {
  std::string url = settings.server + call.path;
  char separator = '?';
  for (const auto& [key, value] : call.query) {
    url += separator + key + "=" + base::percent_encoded(value);
    separator = '&';
  }
  return url;
}

void add_selector(Call& call, const Selector& selector) {
  if (!selector.labels.empty()) call.query.emplace_back("labelSelector", selector.labels);
  if (!selector.fields.empty()) call.query.emplace_back("fieldSelector", selector.fields);
}

const Kind& kind_of(const json& wanted) {
  const auto version = wanted.value("apiVersion", "");
  const auto kind = wanted.value("kind", "");
  const Kind* found = object::find_kind(version, kind);
  if (found != nullptr) return *found;
  throw Error({{object::describe(wanted), "lotse knows no kind '" + kind + "' in " + version, ""}});
}

json body_of(const DeleteOptions& options) {
  static constexpr const char* words[] = {"Background", "Foreground", "Orphan"};
  json body = {{"apiVersion", "v1"},
               {"kind", "DeleteOptions"},
               {"propagationPolicy", words[static_cast<int>(options.propagation)]}};
  if (!options.uid.empty()) body["preconditions"]["uid"] = options.uid;
  if (!options.resource_version.empty())
    body["preconditions"]["resourceVersion"] = options.resource_version;
  return body;
}

Call merge_call(const std::string& path, const json& change,
                const std::string& manager = Client::field_manager) {
  Call call;
  call.method = "PATCH";
  call.path = path;
  call.query = {{"fieldManager", manager}};
  call.body = change.dump();
  call.content_type = "application/merge-patch+json";
  return call;
}

/// Runs `work`; false if it throws Error(not_found).
template <class Work>
bool unless_not_found(Work work) {
  try {
    work();
    return true;
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::not_found) return false;
    throw;
  }
}

json parse_object(const Call& call, const std::string& body) {
  json value = json::parse(body, nullptr, false);
  if (value.is_object()) return value;
  throw no_json(call);
}

}  // namespace

Error no_json(const Call& call) {
  return Error(ErrorKind::failed, call.method + " " + call.path + ": the answer is not JSON",
               "is the server of this context an API server?");
}

Call list_call(const Kind& kind, const std::string& space, const Selector& selector,
               const std::string& continue_token) {
  Call call;
  call.path = object::path_of(kind, space);
  add_selector(call, selector);
  call.query.emplace_back("limit", page_size_of(kind));
  if (!continue_token.empty()) call.query.emplace_back("continue", continue_token);
  return call;
}

Call get_call(const Kind& kind, const std::string& space, const std::string& name) {
  Call call;
  call.path = object::path_of(kind, space, name);
  return call;
}

Call watch_call(const Kind& kind, const std::string& space, const Selector& selector) {
  Call call;
  call.path = object::path_of(kind, space);
  add_selector(call, selector);
  call.query.emplace_back("watch", "1");
  call.query.emplace_back("allowWatchBookmarks", "true");
  return call;
}

Call create_call(const Kind& kind, const std::string& space, const json& wanted, bool dry_run) {
  Call call;
  call.method = "POST";
  call.path = object::path_of(kind, space);
  call.query = {{"fieldManager", Client::field_manager}, {"fieldValidation", "Strict"}};
  if (dry_run) call.query.emplace_back("dryRun", "All");
  call.body = wanted.dump();
  return call;
}

Call apply_call(const Kind& kind, const std::string& space, const json& wanted,
                const ApplyOptions& options) {
  Call call;
  call.method = "PATCH";
  call.path = object::path_of(kind, space, object::name_of(wanted));
  call.query.emplace_back("fieldManager", Client::field_manager);
  call.query.emplace_back("fieldValidation", "Strict");
  if (options.dry_run) call.query.emplace_back("dryRun", "All");
  if (options.force) call.query.emplace_back("force", "true");
  call.body = wanted.dump();
  call.content_type = "application/apply-patch+yaml";
  return call;
}

Call delete_call(const Kind& kind, const std::string& space, const std::string& name,
                 const DeleteOptions& options) {
  Call call;
  call.method = "DELETE";
  call.path = object::path_of(kind, space, name);
  call.body = body_of(options).dump();
  return call;
}

Call scale_call(const Kind& kind, const std::string& space, const std::string& name,
                int64_t replicas, const std::string& manager) {
  return merge_call(object::path_of(kind, space, name) + "/scale",
                    {{"spec", {{"replicas", replicas}}}}, manager);
}

Call evict_call(const std::string& space, const std::string& pod, const DeleteOptions& options) {
  const auto& pods = *object::find_kind("v1", "Pod");
  Call call;
  call.method = "POST";
  call.path = object::path_of(pods, space, pod) + "/eviction";
  call.body = json{{"apiVersion", "policy/v1"},
                   {"kind", "Eviction"},
                   {"metadata", {{"name", pod}, {"namespace", space}}},
                   {"deleteOptions", body_of(options)}}
                  .dump();
  return call;
}

Client::Client(net::Transport& transport, identity::Settings settings, base::Clock& clock)
    : transport_(transport),
      clock_(clock),
      settings_(std::move(settings)),
      credentials_(settings_) {}

net::Request Client::request(const Call& call) {
  net::Request request;
  request.method = call.method;
  request.url = url_of(settings_, call);
  request.body = call.body;
  request.timeout = settings_.request_timeout;
  request.headers = {{"Accept", call.accept}, {"User-Agent", "lotse/" LOTSE_VERSION}};
  if (!call.etag.empty()) request.headers.emplace_back("If-None-Match", call.etag);
  if (!call.body.empty()) request.headers.emplace_back("Content-Type", call.content_type);
  // Credentials are never sent where everybody can read them.
  if (settings_.is_secure()) {
    if (auto value = credentials_.authorization(); !value.empty())
      request.headers.emplace_back("Authorization", value);
    request.tls = credentials_.tls();
  }
  if (!settings_.impersonate.empty())
    request.headers.emplace_back("Impersonate-User", settings_.impersonate);
  if (!settings_.impersonate_uid.empty())
    request.headers.emplace_back("Impersonate-Uid", settings_.impersonate_uid);
  for (const auto& group : settings_.impersonate_groups)
    request.headers.emplace_back("Impersonate-Group", group);
  for (const auto& [key, values] : settings_.impersonate_extra)
    for (const auto& value : values)
      request.headers.emplace_back("Impersonate-Extra-" + base::percent_encoded(key), value);
  return request;
}

net::Response Client::send(const Call& call) {
  const auto first = request(call);
  const auto serial = credentials_.serial();  // streams may renew them while this waits
  auto response = transport_.send(first);
  if (response.status == unauthorized && can_renew_credentials(serial))
    response = transport_.send(request(call));
  if (response.status != unauthorized) credentials_.accepted();
  return response;
}

net::Response Client::send_list(const Call& call) {
  Patience patience(clock_);
  auto response = send(call);
  while (patience.waits_out(response)) response = send(call);
  return response;
}

bool Client::can_renew_credentials(uint64_t serial) {
  if (settings_.is_secure()) return credentials_.refused(serial);
  if (!credentials_.any()) return false;
  throw Error(ErrorKind::denied,
              settings_.server + " asks who you are, but credentials are never sent over http",
              "give the cluster an https:// server in the kubeconfig");
}

net::Transport::Stream Client::open(const Call& call, net::StreamHandler handler,
                                    std::chrono::milliseconds silence) {
  auto wanted = request(call);
  wanted.timeout = silence;
  handler.on_head = [this, next = std::move(handler.on_head)](const net::Response& head) {
    if (head.status != unauthorized) credentials_.accepted();
    if (next) next(head);
  };
  return transport_.open(wanted, std::move(handler));
}

base::Error Client::refusal(const Call& call, const net::Response& response) const {
  net::Request asked;
  asked.method = call.method;
  asked.url = settings_.server + call.path;
  auto error = error_of(asked, response);
  const bool evicts = call.path.ends_with("/eviction");  // a 429 there speaks of a budget
  if (response.status == too_many_requests && !evicts) error.add_context(net::server_busy);
  return error;
}

json Client::object_of(const Call& call, const net::Response& answer) const {
  if (!answer.ok()) throw refusal(call, answer);
  return parse_object(call, answer.body);
}

json Client::object_or_throw(const Call& call) {
  return object_of(call, send(call));
}

json Client::page_or_throw(const Call& call) {
  return object_of(call, send_list(call));
}

json Client::get(const Kind& kind, const std::string& name) {
  return object_or_throw(get_call(kind, name_space(), name));
}

std::optional<json> Client::find(const Kind& kind, const std::string& name) {
  try {
    return get(kind, name);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::not_found) return {};
    throw;
  }
}

List list_of(json page, const Kind& kind) {
  List list;
  for (auto& item : page["items"]) {
    item["apiVersion"] = kind.api_version;
    item["kind"] = kind.kind;
    list.items.push_back(std::move(item));
  }
  list.resource_version = page["metadata"].value("resourceVersion", "");
  return list;
}

List Client::list(const Kind& kind, const Selector& selector) {
  for (bool again = false;; again = true) {
    List list;
    std::string next;
    do {
      const auto call = list_call(kind, name_space(), selector, next);
      const auto response = send_list(call);
      if (response.status == gone && !next.empty() && !again) break;
      if (!response.ok()) throw refusal(call, response);
      json page = parse_object(call, response.body);
      next = page["metadata"].value("continue", "");
      auto part = list_of(std::move(page), kind);
      std::move(part.items.begin(), part.items.end(), std::back_inserter(list.items));
      list.resource_version = part.resource_version;
      if (next.empty()) return list;
    } while (true);
  }
}

json Client::named(const json& wanted, const Call& call) {
  try {
    return object_or_throw(call);
  } catch (Error& error) {
    error.add_context(object::describe(wanted));
    throw;
  }
}

json Client::create(const json& wanted, bool dry_run) {
  const auto space = wanted["metadata"].value("namespace", name_space());
  return named(wanted, create_call(kind_of(wanted), space, wanted, dry_run));
}

json Client::apply(const json& wanted, const ApplyOptions& options) {
  const auto space = wanted["metadata"].value("namespace", name_space());
  return named(wanted, apply_call(kind_of(wanted), space, wanted, options));
}

json Client::patch(const Kind& kind, const std::string& name, const json& change, bool dry_run,
                   const std::string& manager) {
  auto call = merge_call(object::path_of(kind, name_space(), name), change, manager);
  if (dry_run) call.query.emplace_back("dryRun", "All");
  return object_or_throw(call);
}

json Client::patch_status(const Kind& kind, const std::string& name, const json& change) {
  const auto path = object::path_of(kind, name_space(), name) + "/status";
  return object_or_throw(merge_call(path, {{"status", change}}));
}

json Client::scale(const Kind& kind, const std::string& name, int64_t replicas,
                   const std::string& manager) {
  return object_or_throw(scale_call(kind, name_space(), name, replicas, manager));
}

bool Client::evict(const std::string& pod, const DeleteOptions& options) {
  return unless_not_found([&] { object_or_throw(evict_call(name_space(), pod, options)); });
}

bool Client::remove(const Kind& kind, const std::string& name, const DeleteOptions& options) {
  return unless_not_found([&] { object_or_throw(delete_call(kind, name_space(), name, options)); });
}

std::string Client::server_version() {
  Call call;
  call.path = "/version";
  return object_or_throw(call).value("gitVersion", "");
}

net::Connection connection_of(const identity::Settings& settings) {
  net::Connection connection;
  connection.ca = settings.ca;
  connection.insecure = settings.insecure;
  connection.server_name = settings.server_name;
  connection.proxy = settings.proxy;
  connection.certificate = settings.certificate;
  connection.key = settings.key;
  connection.compression = !settings.disable_compression;
  return connection;
}

}  // namespace lotse::kube
