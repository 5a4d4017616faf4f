#pragma once
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace lotse::net {

/// Whom we trust and who we are, as PEM texts.
struct TlsIdentity {
  std::string ca = {};           ///< trusted roots; "": the system's
  std::string certificate = {};  ///< of the client; "": none
  std::string key = {};          ///< of `certificate`

  bool operator==(const TlsIdentity&) const = default;
};

/// A request to be sent. It is a plain value, so that a test can read it without a socket.
struct Request {
  std::string method = "GET";
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
  std::chrono::milliseconds timeout{60'000};  ///< of the whole exchange; for streams: of silence
  /// Replaces the identity that the transport was made with, from this request on: connections made
  /// with another identity are closed, and streams on them end as if they had broken off.
  std::shared_ptr<const TlsIdentity> tls = {};
};

struct Response {
  int status = 0;
  std::map<std::string, std::string> headers = {};  ///< names in lower case
  std::string body = {};
  int attempts = 1;  ///< requests that were sent to get it

  bool ok() const { return status >= 200 && status < 300; }
};

/// Why no whole response came.
struct Failure {
  enum class Stage {
    connect,   ///< nothing was sent: the name, the connection or TLS failed
    exchange,  ///< the request was sent, but the answer broke off: the server may have acted on it
    timeout,   ///< no answer in time; the server may have acted on it
  };
  Stage stage = Stage::connect;
  std::string message;  ///< as the library says it
  bool reset = false;   ///< at stage connect: a server accepted the connection and then reset it
};

/// What send throws where no whole response came; its kind is `unreachable`.
class TransportError : public base::Error {
 public:
  TransportError(const Request& request, Failure failure);
  const Failure& failure() const { return failure_; }

 private:
  Failure failure_;
};

/// What is called when something happens on a stream, always from within Transport::poll or send.
/// An exception that a function throws ends the stream and comes out of that call.
struct StreamHandler {
  std::function<void(const Response& head)> on_head = {};  ///< status and headers, body empty
  std::function<void(std::string_view bytes)> on_data = {};
  std::function<void(const std::optional<Failure>& failure)> on_end =
      {};  ///< no failure: a clean end
};

/// A connection that carries another protocol than HTTP, made in the way of its transport's other
/// connections (TLS, proxies, certificates). No function waits: the caller polls `descriptor`, but
/// only when `read` has nothing more. A failure is a TransportError.
class Channel {
 public:
  virtual ~Channel() = default;
  virtual int descriptor() const = 0;
  /// The bytes that have come: "" if none have, no value at the end of the connection.
  virtual std::optional<std::string> read() = 0;
  virtual void write(std::string bytes) = 0;  ///< keeps the bytes until `flush` sends them
  virtual std::size_t flush() = 0;  ///< sends what it can; returns how many bytes are left
};

/// The port to HTTP. Not thread-safe.
class Transport {
 public:
  using Stream = int;

  virtual ~Transport() = default;

  /// Sends a request and returns the whole answer, HTTP errors included. Throws TransportError, and
  /// Error(interrupted) within 200 ms of the user's signal.
  virtual Response send(const Request& request) = 0;

  /// Begins an exchange whose answer comes piece by piece. `Request::timeout` limits how long none
  /// comes.
  virtual Stream open(const Request& request, StreamHandler handler) = 0;
  virtual void close(Stream stream) = 0;  ///< its handler is not called any more

  /// A new connection to the server of request.url, on which nothing has been sent yet. Throws as
  /// `send` does.
  virtual std::unique_ptr<Channel> connect(const Request& request) = 0;

  /// Waits until something happens on an open stream, a signal, or `timeout`, and handles it.
  virtual void poll(std::chrono::milliseconds timeout) = 0;
};

}  // namespace lotse::net
