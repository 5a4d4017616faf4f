#include "runner/serve/server.h"

#include <algorithm>
#include <atomic>
#include <boost/asio.hpp>
#include <boost/beast.hpp>
#include <chrono>
#include <optional>
#include <set>
#include <thread>
#include <vector>

#include "base/error.h"

namespace lotse::runner::serve {

namespace beast = boost::beast;
namespace http = beast::http;
namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using base::Error;
using base::ErrorKind;

namespace {

std::chrono::nanoseconds duration(double seconds) {
  return std::chrono::nanoseconds(static_cast<int64_t>(seconds * 1e9));
}

class Session;

/// Of one server, shared with its connections.
struct Common {
  Common(Api& the_api, ServerLimits the_limits) : api(the_api), limits(the_limits) {}
  Api& api;
  ServerLimits limits;
  std::atomic<bool> draining = false;
  std::atomic<bool> stopping = false;
  std::mutex mutex;
  std::set<Session*> sessions;
};

/// One connection. All its handlers run on its strand; it lives as long as one of them waits.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket socket, std::shared_ptr<Common> common)
      : stream_(std::move(socket)), common_(std::move(common)) {}
  ~Session() {
    const std::lock_guard lock(common_->mutex);
    common_->sessions.erase(this);
  }

  /// False if there are too many connections.
  bool enter() {
    const std::lock_guard lock(common_->mutex);
    if (static_cast<int64_t>(common_->sessions.size()) >= common_->limits.connections) return false;
    common_->sessions.insert(this);
    return true;
  }

  void start() {
    asio::dispatch(stream_.get_executor(), [self = shared_from_this()] { self->read(); });
  }

  /// Closes the connection unless a request is coming in or being worked on.
  void close_if_idle() {
    asio::post(stream_.get_executor(), [self = shared_from_this()] {
      if (self->idle_) self->close();
    });
  }

  /// Closes it in any case.
  void abort() {
    asio::post(stream_.get_executor(), [self = shared_from_this()] { self->close(); });
  }

 private:
  using Parser = http::request_parser<http::string_body>;
  static constexpr std::size_t first_read = 4096;

  void read() {
    if (common_->stopping && buffer_.size() == 0) {
      close();
      return;
    }
    busy_ = false;
    if (buffer_.size() > 0) {
      read_header();
      return;
    }
    idle_ = true;
    stream_.expires_after(duration(common_->limits.idle_seconds));
    stream_.async_read_some(buffer_.prepare(first_read),
                            [self = shared_from_this()](beast::error_code error, std::size_t got) {
                              self->idle_ = false;
                              if (error) return self->close();
                              self->buffer_.commit(got);
                              self->read_header();
                            });
  }

  void read_header() {
    parser_.emplace();
    parser_->body_limit(common_->limits.body_bytes);
    stream_.expires_after(duration(common_->limits.read_seconds));
    http::async_read_header(stream_, buffer_, *parser_,
                            [self = shared_from_this()](beast::error_code error, std::size_t) {
                              self->on_header(error);
                            });
  }

  void on_header(beast::error_code error) {
    if (error) {
      on_bad_read(error);
      return;
    }
    busy_ = true;
    begun_ = std::chrono::steady_clock::now();
    if (beast::iequals(parser_->get()[http::field::expect], "100-continue")) {
      continue_ = std::make_unique<http::response<http::empty_body>>(http::status::continue_, 11);
      http::async_write(stream_, *continue_,
                        [self = shared_from_this()](beast::error_code failed, std::size_t) {
                          if (!failed) self->read_body();
                        });
      return;
    }
    read_body();
  }

  void read_body() {
    http::async_read(stream_, buffer_, *parser_,
                     [self = shared_from_this()](beast::error_code error, std::size_t) {
                       self->on_request(error);
                     });
  }

  void on_bad_read(beast::error_code error) {
    if (error == http::error::end_of_stream || error == beast::error::timeout ||
        error.category() != http::make_error_code(http::error::bad_method).category()) {
      close();
      return;
    }
    if (error == http::error::partial_message) {
      close();
      return;
    }
    // The rest of the connection cannot be made sense of.
    close_after_ = true;
    version_ = 11;
    head_ = false;
    if (!busy_) begun_ = std::chrono::steady_clock::now();
    busy_ = true;
    common_->api.metrics().started();
    if (error == http::error::body_limit) {
      write(error_answer(
          413, "the body is longer than " + std::to_string(common_->limits.body_bytes) + " bytes"));
    } else if (error == http::error::header_limit) {
      write(error_answer(431, "the header is too long"));
    } else {
      write(error_answer(400, "not HTTP: " + error.message()));
    }
  }

  void on_request(beast::error_code error) {
    if (error) {
      on_bad_read(error);
      return;
    }
    stream_.expires_never();
    auto message = parser_->release();
    version_ = message.version();
    head_ = message.method() == http::verb::head;
    close_after_ = !message.keep_alive();
    Request request{std::string(message.method_string()), std::string(message.target()),
                    std::string(message[http::field::content_type]), std::move(message.body())};
    common_->api.metrics().started();
    common_->api.handle(std::move(request), [self = shared_from_this()](Answer answer) {
      asio::post(self->stream_.get_executor(),
                 [self, answer = std::move(answer)]() mutable { self->write(std::move(answer)); });
    });
  }

  void write(Answer answer) {
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begun_;
    common_->api.metrics().finished(answer.status, taken.count());
    close_after_ = close_after_ || common_->draining;
    response_.emplace();
    auto& response = *response_;
    response.version(version_);
    response.result(static_cast<unsigned>(answer.status));
    response.set(http::field::server, "lotse-runner");
    response.set(http::field::content_type, answer.content_type);
    if (!answer.allow.empty()) response.set(http::field::allow, answer.allow);
    response.keep_alive(!close_after_);
    response.body() = std::move(answer.body);
    response.prepare_payload();
    // An answer to HEAD says how long the body would be, and sends none.
    serializer_.emplace(response);
    stream_.expires_after(duration(common_->limits.write_seconds));
    const auto done = [self = shared_from_this()](beast::error_code error, std::size_t) {
      self->on_written(error);
    };
    if (head_) {
      http::async_write_header(stream_, *serializer_, done);
    } else {
      http::async_write(stream_, *serializer_, done);
    }
  }

  void on_written(beast::error_code error) {
    if (error) {
      close();
    } else if (close_after_) {
      linger();
    } else {
      read();
    }
  }

  /// Reads on for a moment before closing: unread bytes would make the kernel send a reset, which
  /// can reach the client before our answer does.
  void linger() {
    beast::error_code ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
    stream_.expires_after(std::chrono::seconds(2));
    drop();
  }

  void drop() {
    stream_.async_read_some(asio::buffer(dropped_),
                            [self = shared_from_this()](beast::error_code error, std::size_t) {
                              if (error) {
                                self->close();
                              } else {
                                self->drop();
                              }
                            });
  }

  void close() {
    beast::error_code ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_both, ignored);
    stream_.close();
  }

  beast::tcp_stream stream_;
  std::shared_ptr<Common> common_;
  beast::flat_buffer buffer_{1 << 20};
  std::optional<Parser> parser_;
  std::unique_ptr<http::response<http::empty_body>> continue_;
  std::optional<http::response<http::string_body>> response_;
  std::optional<http::response_serializer<http::string_body>> serializer_;
  std::chrono::steady_clock::time_point begun_;
  std::array<char, 16384> dropped_ = {};
  unsigned version_ = 11;
  bool head_ = false;
  bool close_after_ = false;
  bool busy_ = false;
  bool idle_ = false;  ///< waits for the first byte of a request
};

/// Of an address, itself; of a name, what it resolves to, IPv4 first, for that is what probes and
/// clients on this machine use.
std::vector<tcp::endpoint> endpoints_of(asio::io_context& context, const std::string& host,
                                        uint16_t port) {
  beast::error_code error;
  const auto address = asio::ip::make_address(host, error);
  if (!error) return {{address, port}};
  std::vector<tcp::endpoint> found;
  for (const auto& entry : tcp::resolver(context).resolve(host, std::to_string(port), error))
    found.push_back(entry.endpoint());
  if (found.empty())
    throw Error({{"host", "'" + host + "' is neither an address nor a name that resolves",
                  "For example 127.0.0.1, localhost or ::."}});
  std::stable_partition(found.begin(), found.end(),
                        [](const tcp::endpoint& endpoint) { return endpoint.address().is_v4(); });
  return found;
}

tcp::acceptor listen(asio::io_context& context, const std::string& host, uint16_t port) {
  std::string why;
  for (const auto& endpoint : endpoints_of(context, host, port)) {
    try {
      return tcp::acceptor(context, endpoint, true);
    } catch (const boost::system::system_error& failed) {
      why = failed.code().message();
    }
  }
  throw Error(ErrorKind::failed,
              "cannot listen on " + host + ", port " + std::to_string(port) + ": " + why);
}

}  // namespace

struct Server::State {
  State(Api& api, const std::string& host, uint16_t port, ServerLimits limits)
      : context(limits.threads),
        acceptor(listen(context, host, port)),
        port(acceptor.local_endpoint().port()),
        common(std::make_shared<Common>(api, limits)) {}

  void accept() {
    acceptor.async_accept(asio::make_strand(context),
                          [this](beast::error_code error, tcp::socket socket) {
                            if (!acceptor.is_open()) return;
                            if (!error) {
                              auto session = std::make_shared<Session>(std::move(socket), common);
                              if (session->enter()) session->start();
                              accept();
                              return;
                            }
                            // Out of descriptors, most likely: wait until some are free.
                            pause.expires_after(std::chrono::milliseconds(100));
                            pause.async_wait([this](beast::error_code stopped) {
                              if (!stopped) accept();
                            });
                          });
  }

  std::vector<std::shared_ptr<Session>> sessions() {
    std::vector<std::shared_ptr<Session>> alive;
    const std::lock_guard lock(common->mutex);
    for (auto* session : common->sessions) {
      if (auto held = session->weak_from_this().lock()) alive.push_back(std::move(held));
    }
    return alive;
  }

  bool no_sessions() {
    const std::lock_guard lock(common->mutex);
    return common->sessions.empty();
  }

  asio::io_context context;
  tcp::acceptor acceptor;
  uint16_t port;
  std::shared_ptr<Common> common;
  asio::steady_timer pause{context};
  std::vector<std::thread> threads;
  bool stopped = false;
};

Server::Server(Api& api, const std::string& host, uint16_t port, ServerLimits limits)
    : state_(std::make_shared<State>(api, host, port, limits)) {
  state_->accept();
  for (int i = 0; i < limits.threads; ++i)
    state_->threads.emplace_back([state = state_.get()] { state->context.run(); });
}

Server::~Server() {
  stop(0);
}

uint16_t Server::port() const {
  return state_->port;
}

void Server::drain() {
  state_->common->draining = true;
}

bool Server::stop(double seconds) {
  if (state_->stopped) return true;
  state_->stopped = true;
  drain();
  state_->common->stopping = true;
  asio::post(state_->context, [state = state_.get()] {
    beast::error_code ignored;
    state->acceptor.close(ignored);
    state->pause.cancel();
  });
  const auto until = std::chrono::steady_clock::now() + duration(seconds);
  bool answered = state_->no_sessions();
  while (!answered && std::chrono::steady_clock::now() < until) {
    for (const auto& session : state_->sessions()) session->close_if_idle();
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    answered = state_->no_sessions();
  }
  // What still works for a connection must not outlive the context that the connection belongs to.
  if (!answered) state_->common->api.end();
  state_->context.stop();
  for (auto& thread : state_->threads) thread.join();
  return answered;
}

}  // namespace lotse::runner::serve
