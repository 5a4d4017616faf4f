#include "net/curl_exchange.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>

#include "base/log.h"
#include "base/strings.h"
#include "net/certificate_names.h"
#include "net/environment_proxy.h"
#include "net/url.h"

namespace lotse::net {

namespace {

/// libcurl repeats a request by itself if a connection that it used before breaks off without an
/// answer. A write must not be repeated so (docs/promises.md A1); refusing to rewind its body
/// prevents it.
std::size_t on_send(char* bytes, std::size_t, std::size_t room, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  const auto count = exchange.request.body.copy(bytes, room, exchange.sent);
  exchange.sent += count;
  return count;
}

int on_rewind(void*, curl_off_t, int) {
  return CURL_SEEKFUNC_FAIL;
}

std::size_t on_header(char* bytes, std::size_t, std::size_t size, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  const std::string_view line(bytes, size);
  if (line.substr(0, 5) == "HTTP/") {
    exchange.head.headers.clear();  // an earlier head was "100 Continue" or the proxy's
  } else if (const auto colon = line.find(':'); colon != std::string_view::npos) {
    exchange.head.headers[base::lower(line.substr(0, colon))] = base::trim(line.substr(colon + 1));
  }
  return size;
}

std::size_t on_body(char* bytes, std::size_t, std::size_t size, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  exchange.has_read = true;
  try {
    tell_head(exchange);
    if (exchange.closed) return 0;
    if (exchange.handler.on_data) exchange.handler.on_data({bytes, size});
  } catch (...) {
    exchange.thrown = std::current_exception();
    return 0;
  }
  return size;
}

curl_blob blob(const std::string& text) {
  return {const_cast<char*>(text.data()), text.size(), CURL_BLOB_COPY};
}

void set_method(Exchange& exchange) {
  const Request& request = exchange.request;
  CURL* easy = exchange.easy;
  if (request.method == "GET") return;
  curl().set(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  if (request.body.empty()) {
    // Without a body nothing can refuse to be rewound; libcurl does not repeat on a fresh
    // connection.
    curl().set(easy, CURLOPT_FRESH_CONNECT, 1L);
    if (request.method == "POST") curl().set(easy, CURLOPT_POSTFIELDS, "");
    return;
  }
  curl().set(easy, CURLOPT_POST, 1L);
  curl().set(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  curl().set(easy, CURLOPT_READFUNCTION, on_send);
  curl().set(easy, CURLOPT_READDATA, &exchange);
  curl().set(easy, CURLOPT_SEEKFUNCTION, on_rewind);
}

/// Verifying under another name means asking for that name and connecting elsewhere.
void set_address(Exchange& exchange, const Connection& connection) {
  std::string url = exchange.request.url;
  if (!connection.server_name.empty()) {
    const auto [scheme, authority, path] = split_url(url);
    url = scheme + "://" + connection.server_name + path;
    const bool has_port = !split_port(authority).port.empty();
    exchange.connect_to.list =
        curl().slist_append(nullptr, ("::" + authority + (has_port ? "" : ":443")).c_str());
    curl().set(exchange.easy, CURLOPT_CONNECT_TO, exchange.connect_to.list);
  }
  curl().set(exchange.easy, CURLOPT_URL, url.c_str());
}

/// As Go's net/http does: a proxy of the kubeconfig is used whatever NO_PROXY says, and socks5
/// resolves names on the other side. What libcurl would read in the environment does not count.
void set_proxy(CURL* easy, const std::string& url, const std::string& of_kubeconfig) {
  const auto proxy = of_kubeconfig.empty() ? proxy_of_environment(url) : of_kubeconfig;
  const bool socks = proxy.starts_with("socks5://");
  curl().set(easy, CURLOPT_PROXY, (socks ? "socks5h" + proxy.substr(6) : proxy).c_str());
  curl().set(easy, CURLOPT_NOPROXY, "");
}

void set_tls(CURL* easy, const Connection& connection) {
  curl().set(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl().set(easy, CURLOPT_SSL_VERIFYPEER, connection.insecure ? 0L : 1L);
  curl().set(easy, CURLOPT_SSL_VERIFYHOST, connection.insecure ? 0L : 2L);
  if (!connection.insecure) require_alternative_names(easy);
  if (!connection.ca.empty()) {
    auto ca = blob(connection.ca);
    curl().set(easy, CURLOPT_CAINFO_BLOB, &ca);
    curl().set(easy, CURLOPT_CAPATH, nullptr);
    // As in Go, a proxy that is spoken to by TLS is trusted as the server is.
    curl().set(easy, CURLOPT_PROXY_CAINFO_BLOB, &ca);
    curl().set(easy, CURLOPT_PROXY_CAPATH, nullptr);
  }
  curl().set(easy, CURLOPT_PROXY_SSL_VERIFYPEER, connection.insecure ? 0L : 1L);
  curl().set(easy, CURLOPT_PROXY_SSL_VERIFYHOST, connection.insecure ? 0L : 2L);
  if (!connection.certificate.empty()) {
    auto certificate = blob(connection.certificate);
    auto key = blob(connection.key);
    curl().set(easy, CURLOPT_SSLCERT_BLOB, &certificate);
    curl().set(easy, CURLOPT_SSLKEY_BLOB, &key);
  }
}

/// libcurl 7.88 leaves the number of probes at the system's nine: the connection would be taken for
/// dead after minutes. The second limit is for what was sent and never acknowledged.
int watch_peer(void* user, curl_socket_t socket, curlsocktype) {
  const auto& connection = *static_cast<const Connection*>(user);
  constexpr int probes = 3;
  const int limit = static_cast<int>(connection.dead_after.count());
  const int between = std::max(1, limit / 5);
  const std::pair<int, int> settings[] = {{TCP_KEEPINTVL, between},
                                          {TCP_KEEPCNT, probes},
                                          {TCP_KEEPIDLE, std::max(1, limit - probes * between)},
                                          {TCP_USER_TIMEOUT, limit * 1000}};
  const int on = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  for (const auto& [name, value] : settings)
    ::setsockopt(socket, IPPROTO_TCP, name, &value, sizeof value);
  return CURL_SOCKOPT_OK;
}

void set_times(CURL* easy, const Exchange& exchange, const Connection& connection, bool stream) {
  const auto limit = static_cast<long>(exchange.request.timeout.count());
  curl().set(easy, CURLOPT_CONNECTTIMEOUT_MS,
             static_cast<long>(connection.connect_timeout.count()));
  if (stream) {
    curl().set(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl().set(easy, CURLOPT_LOW_SPEED_TIME, std::max(1L, limit / 1000));
  } else {
    curl().set(easy, CURLOPT_TIMEOUT_MS, limit);
  }
  if (connection.quick_exit) curl().set(easy, CURLOPT_QUICK_EXIT, 1L);
  curl().set(easy, CURLOPT_SOCKOPTFUNCTION, watch_peer);
  curl().set(easy, CURLOPT_SOCKOPTDATA, &connection);
}

void set_callbacks(Exchange& exchange) {
  CURL* easy = exchange.easy;
  curl().set(easy, CURLOPT_PRIVATE, &exchange);
  curl().set(easy, CURLOPT_ERRORBUFFER, exchange.error);
  curl().set(easy, CURLOPT_HEADERFUNCTION, on_header);
  curl().set(easy, CURLOPT_HEADERDATA, &exchange);
  curl().set(easy, CURLOPT_WRITEFUNCTION, on_body);
  curl().set(easy, CURLOPT_WRITEDATA, &exchange);
  // CURLOPT_NOSIGNAL stays off, so that libcurl ignores SIGPIPE while it writes to a dead
  // connection.
}

/// Whether a connection was accepted and then reset. libcurl reports that in several ways,
/// depending on how soon it notices.
bool was_reset(CURL* easy, const std::string& message) {
  long error = 0;
  curl().easy_getinfo(easy, CURLINFO_OS_ERRNO, &error);
  const auto says = [&](const char* words) { return message.find(words) != std::string::npos; };
  return error == ECONNRESET || says("Connection reset by peer") || says("Broken pipe") ||
         says("getpeername() failed");
}

}  // namespace

void prepare(Exchange& exchange, const Connection& connection, bool stream) {
  CURL* easy = exchange.easy;
  set_address(exchange, connection);
  set_method(exchange);
  for (const auto& [name, value] : exchange.request.headers)
    exchange.headers.list =
        curl().slist_append(exchange.headers.list, (name + ": " + value).c_str());
  exchange.headers.list = curl().slist_append(exchange.headers.list, "Expect:");
  curl().set(easy, CURLOPT_HTTPHEADER, exchange.headers.list);
  // A stream must not wait for a compressor to fill its block; a list is worth compressing.
  if (!stream && connection.compression) curl().set(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
  curl().set(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  // Streams share the connection rather than waiting for one of their own.
  curl().set(easy, CURLOPT_PIPEWAIT, 1L);
  curl().set(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  set_proxy(easy, exchange.request.url, connection.proxy);
  set_tls(easy, connection);
  set_times(easy, exchange, connection, stream);
  set_callbacks(exchange);
}

void tell_head(Exchange& exchange) {
  if (exchange.head_told) return;
  exchange.head_told = true;
  long status = 0;
  curl().easy_getinfo(exchange.easy, CURLINFO_RESPONSE_CODE, &status);
  exchange.head.status = static_cast<int>(status);
  if (exchange.handler.on_head && !exchange.closed) exchange.handler.on_head(exchange.head);
}

Failure failure_of(const Exchange& exchange, CURLcode code) {
  Failure failure;
  failure.message = exchange.error[0] != '\0' ? exchange.error : curl().easy_strerror(code);
  long sent = 0;
  curl().easy_getinfo(exchange.easy, CURLINFO_REQUEST_SIZE, &sent);
  failure.reset = sent == 0 && was_reset(exchange.easy, failure.message);
  if (sent == 0)
    failure.stage = Failure::Stage::connect;
  else
    failure.stage =
        code == CURLE_OPERATION_TIMEDOUT ? Failure::Stage::timeout : Failure::Stage::exchange;
  return failure;
}

void trace(const Exchange& exchange, const std::string& outcome) {
  const auto spent = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - exchange.begun);
  base::log_debug(1, base::cat(exchange.request.method, " ", exchange.request.url, " ", outcome,
                               " ", spent.count(), " ms"));
}

}  // namespace lotse::net
