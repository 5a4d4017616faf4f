#pragma once
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "identity/config.h"
#include "identity/credentials.h"
#include "net/curl_transport.h"
#include "net/websocket.h"
#include "object/kind.h"

namespace lotse::kube {

using nlohmann::json;

/// Selects objects of a kind; where it is empty it selects all.
struct Selector {
  std::string labels = {};  ///< "app=x,tier in (a,b)"
  std::string fields = {};  ///< "metadata.name=x"
};

/// The objects of a collection as the server listed them.
struct List {
  std::vector<json> items;  ///< each with its apiVersion and kind
  std::string resource_version;
};

/// A page of a collection as the server sends it: the items of a list do not say what they are.
List list_of(json page, const object::Kind& kind);

enum class Propagation { background, foreground, orphan };

struct DeleteOptions {
  Propagation propagation = Propagation::background;
  std::string uid = {};               ///< only if it is still this object: else Error(conflict)
  std::string resource_version = {};  ///< only if it is still in this state
};

struct ApplyOptions {
  bool dry_run = false;  ///< everything is checked and nothing kept
  bool force = false;    ///< takes the fields that other managers own
};

/// The path, query and body of a request to the API; the client adds server and credentials.
struct Call {
  std::string method = "GET";
  std::string path;
  std::vector<std::pair<std::string, std::string>> query = {};
  std::string body = {};
  std::string content_type = "application/json";
  std::string accept = "application/json";
  std::string etag =
      {};  ///< of the answer that is known already; the server says 304 if it still holds
};

/// The calls of the API, made without sending anything.
Call list_call(const object::Kind& kind, const std::string& space, const Selector& selector,
               const std::string& continue_token = "");
Call get_call(const object::Kind& kind, const std::string& space, const std::string& name);
Call watch_call(const object::Kind& kind, const std::string& space, const Selector& selector);
Call create_call(const object::Kind& kind, const std::string& space, const json& wanted,
                 bool dry_run);
Call apply_call(const object::Kind& kind, const std::string& space, const json& wanted,
                const ApplyOptions& options);
Call delete_call(const object::Kind& kind, const std::string& space, const std::string& name,
                 const DeleteOptions& options);
Call scale_call(const object::Kind& kind, const std::string& space, const std::string& name,
                int64_t replicas, const std::string& manager);
Call evict_call(const std::string& space, const std::string& pod, const DeleteOptions& options);

/// Speaks to one server in one namespace. The server's errors are thrown as error_of (status.h)
/// makes them. Not thread-safe: each thread needs a client of its own.
class Client {
 public:
  inline static constexpr auto field_manager = "lotse";

  Client(net::Transport& transport, identity::Settings settings,
         base::Clock& clock = base::system_clock());

  const identity::Settings& settings() const { return settings_; }
  const std::string& name_space() const { return settings_.name_space; }

  json get(const object::Kind& kind, const std::string& name);
  std::optional<json> find(const object::Kind& kind, const std::string& name);
  /// All pages. A server that answers 429 is ridden out (patience.h). Starts anew if the server's
  /// snapshot expires between two of them (410).
  List list(const object::Kind& kind, const Selector& selector = {});
  /// A new object. Error(conflict) if there is one of that name.
  json create(const json& wanted, bool dry_run = false);
  /// Server-side apply. Unless it is forced, Error(conflict) lists each field and its manager.
  json apply(const json& wanted, const ApplyOptions& options = {});
  /// A JSON merge patch (RFC 7386), by our field manager unless another one is named. With
  /// metadata.resourceVersion in it, Error(conflict) unless the object is still in that state.
  json patch(const object::Kind& kind, const std::string& name, const json& change,
             bool dry_run = false, const std::string& manager = field_manager);
  /// False if it was not there.
  bool remove(const object::Kind& kind, const std::string& name, const DeleteOptions& options = {});
  /// A merge patch of the status alone, which `apply` and `patch` do not touch.
  json patch_status(const object::Kind& kind, const std::string& name, const json& change);
  /// Sets the number of replicas and nothing else, as an autoscaler does; returns the Scale object.
  json scale(const object::Kind& kind, const std::string& name, int64_t replicas,
             const std::string& manager = field_manager);
  /// Deletes a pod if the PodDisruptionBudgets allow it; else throws Error(unreachable) naming the
  /// budget that does not. False if the pod was not there.
  bool evict(const std::string& pod, const DeleteOptions& options = {});
  std::string server_version();  ///< "v1.36.3"

  /// Sends a call and returns the answer, HTTP errors included. After a 401 it is sent once more if
  /// the credentials can be renewed.
  net::Response send(const Call& call);
  /// The serial number of the credentials that the last `open` sent; each renewal makes a new one.
  uint64_t credentials_serial() const { return credentials_.serial(); }
  /// For a stream that was answered 401 to the credentials of `serial`: true if it is worth opening
  /// it once more. Throws as run_exec_plugin does, and Error(denied) where credentials are not sent
  /// because it is http.
  bool can_renew_credentials(uint64_t serial);
  /// Opens an exchange whose answer comes piece by piece; it fails when none comes for `silence`.
  net::Transport::Stream open(const Call& call, net::StreamHandler handler,
                              std::chrono::milliseconds silence);
  /// Opens a WebSocket that speaks one of `protocols`; a 401 is handled as in `send`. Throws
  /// error_of (status.h) for what the server refuses. Defined in upgrade.cpp.
  std::unique_ptr<net::WebSocket> upgrade(const Call& call,
                                          const std::vector<std::string>& protocols);
  /// The same for a call that lists, and a server that answers 429 is ridden out (patience.h).
  net::Response send_list(const Call& call);
  net::Transport& transport() { return transport_; }
  base::Clock& clock() { return clock_; }
  /// Sends `call` and returns the answer's JSON. Throws error_of (status.h) for HTTP errors.
  json object_or_throw(const Call& call);
  /// The same of an answer that is there.
  json object_of(const Call& call, const net::Response& answer) const;
  json page_or_throw(const Call& call);  ///< the same by send_list
  /// The error for an answer that is not a success; it names what was asked. The one for a 429
  /// begins with net::server_busy, but where pods are evicted.
  base::Error refusal(const Call& call, const net::Response& response) const;

 private:
  net::Request request(const Call& call);
  /// The answer's JSON; errors name the object.
  json named(const json& wanted, const Call& call);

  net::Transport& transport_;
  base::Clock& clock_;
  identity::Settings settings_;
  identity::Credentials credentials_;
};

/// The error for an answer that is no JSON object.
base::Error no_json(const Call& call);

/// How to reach the server of these settings.
net::Connection connection_of(const identity::Settings& settings);

}  // namespace lotse::kube
