#include "net/curl_transport.h"

#include <algorithm>
#include <future>
#include <utility>

#include "base/interrupt.h"
#include "net/curl_channel.h"
#include "net/curl_exchange.h"
#include "net/libcurl.h"

namespace lotse::net {

using Milliseconds = std::chrono::milliseconds;

struct CurlTransport::Pool {
  explicit Pool(Connection with) : connection(std::move(with)) { multi = curl().multi_init(); }

  ~Pool() {
    for (auto& [id, exchange] : exchanges) release(*exchange);
    curl().multi_cleanup(multi);
  }

  void release(Exchange& exchange) const {
    curl().multi_remove_handle(multi, exchange.easy);
    curl().easy_cleanup(exchange.easy);
  }

  void take_identity(const std::shared_ptr<const TlsIdentity>& tls) {
    const TlsIdentity now{connection.ca, connection.certificate, connection.key};
    if (tls && *tls != now) {
      connection.ca = tls->ca;
      connection.certificate = tls->certificate;
      connection.key = tls->key;
      renewed = true;
      for (auto& [id, exchange] : exchanges) exchange->outdated = exchange->stream;
    }
    if (!renewed || !exchanges.empty()) return;
    curl().multi_cleanup(multi);  // closes the connections of the old identity
    multi = curl().multi_init();
    renewed = false;
  }

  void end_outdated() {
    std::vector<std::unique_ptr<Exchange>> ended;
    for (auto each = exchanges.begin(); each != exchanges.end();) {
      const bool end = each->second->outdated;
      if (end) ended.push_back(std::move(each->second));
      each = end ? exchanges.erase(each) : std::next(each);
    }
    for (const auto& exchange : ended) {
      trace(*exchange, "ended: another identity is used from now on");
      release(*exchange);
      if (exchange->handler.on_end && !exchange->closed)
        exchange->handler.on_end(Failure{Failure::Stage::exchange, "the certificates changed"});
    }
  }

  Stream begin(const Request& request, StreamHandler handler, bool stream) {
    take_identity(request.tls);
    auto exchange = std::make_unique<Exchange>();
    exchange->request = request;
    exchange->stream = stream;
    exchange->handler = std::move(handler);
    exchange->easy = curl().easy_init();
    prepare(*exchange, connection, stream);
    curl().multi_add_handle(multi, exchange->easy);
    const Stream id = next++;
    exchanges.emplace(id, std::move(exchange));
    return id;
  }

  void finish(CURL* easy, CURLcode code) {
    const auto found = std::find_if(exchanges.begin(), exchanges.end(), [easy](const auto& entry) {
      return entry.second->easy == easy;
    });
    const auto exchange = std::move(found->second);
    exchanges.erase(found);
    kept = Kept::maybe;
    std::optional<Failure> failure;
    if (code == CURLE_OK)
      tell_head(*exchange);
    else
      failure = failure_of(*exchange, code);
    trace(*exchange, failure ? failure->message : std::to_string(exchange->head.status));
    release(*exchange);
    if (exchange->thrown) std::rethrow_exception(exchange->thrown);
    if (exchange->handler.on_end && !exchange->closed) exchange->handler.on_end(failure);
  }

  void step(Milliseconds timeout) {
    int running = 0;
    end_outdated();
    curl().multi_perform(multi, &running);
    if (!drain()) {
      wait(timeout);
      curl().multi_perform(multi, &running);
      drain();
    }
    std::erase_if(exchanges, [this](const auto& entry) {
      if (entry.second->closed) release(*entry.second);
      return entry.second->closed;
    });
  }

  /// What one exchange reads from an HTTP/2 connection may be of others, too. libcurl 7.88 keeps
  /// that while the socket, which multi_poll watches, has nothing more: it hands most of it out
  /// when it is called again, and some, rarely, only to an exchange that is made to read. Without
  /// this one list in three takes a second too long, and one in two hundred a minute.
  void wait(Milliseconds timeout) {
    constexpr Milliseconds a_moment{20};
    for (auto& [id, exchange] : exchanges)
      if (std::exchange(exchange->has_read, false)) kept = Kept::maybe;
    const auto most = kept == Kept::maybe    ? Milliseconds(0)
                      : kept == Kept::rarely ? std::min(a_moment, timeout)
                                             : timeout;
    curl_waitfd signal{base::interrupt_fd(), CURL_WAIT_POLLIN, 0};
    const unsigned extra = signal.fd >= 0 && !base::interrupted() ? 1 : 0;
    int ready = 0;
    curl().multi_poll(multi, &signal, extra, static_cast<int>(most.count()), &ready);
    if (kept == Kept::rarely && ready == 0)
      for (const auto& [id, exchange] : exchanges) {
        curl().easy_pause(exchange->easy, CURLPAUSE_RECV);
        curl().easy_pause(exchange->easy, CURLPAUSE_CONT);  // makes it read
      }
    kept = kept == Kept::maybe ? Kept::rarely : Kept::nothing;
  }

  /// Finishes the exchanges that libcurl says are done; true if there were any.
  bool drain() {
    bool any = false;
    int left = 0;
    while (const CURLMsg* message = curl().multi_info_read(multi, &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      any = true;
      finish(message->easy_handle, message->data.result);
    }
    return any;
  }

  Connection connection;
  CURLM* multi = nullptr;
  enum class Kept { nothing, rarely, maybe } kept = Kept::nothing;  // see wait
  bool renewed = false;  // some connections may have another identity than `connection` has
  std::map<Stream, std::unique_ptr<Exchange>> exchanges;
  Stream next = 1;
};

void load_in_background() {
  static const auto loading = std::async(std::launch::async, [] { curl(); });
}

CurlTransport::CurlTransport(Connection connection)
    : pool_(std::make_unique<Pool>(std::move(connection))) {}
CurlTransport::~CurlTransport() = default;

Response CurlTransport::send(const Request& request) {
  Response response;
  bool done = false;
  std::optional<Failure> failure;
  StreamHandler handler;
  handler.on_head = [&](const Response& head) { response = head; };
  handler.on_data = [&](std::string_view bytes) { response.body += bytes; };
  handler.on_end = [&](const std::optional<Failure>& why) {
    done = true;
    failure = why;
  };
  const Stream id = pool_->begin(request, std::move(handler), false);
  while (!done && !base::interrupted()) pool_->step(Milliseconds(1000));
  if (!done) {
    close(id);
    base::throw_if_interrupted();
  }
  if (failure) throw TransportError(request, *failure);
  return response;
}

Transport::Stream CurlTransport::open(const Request& request, StreamHandler handler) {
  return pool_->begin(request, std::move(handler), true);
}

void CurlTransport::close(Stream stream) {
  const auto found = pool_->exchanges.find(stream);
  if (found != pool_->exchanges.end()) found->second->closed = true;
}

std::unique_ptr<Channel> CurlTransport::connect(const Request& request) {
  auto exchange = std::make_shared<Exchange>();
  exchange->request = request;
  exchange->easy = curl().easy_init();
  pool_->take_identity(request.tls);
  prepare(*exchange, pool_->connection, true);
  pool_->end_outdated();
  return open_channel(exchange->easy, exchange, request);
}

void CurlTransport::poll(Milliseconds timeout) {
  pool_->step(timeout);
}

}  // namespace lotse::net
