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

/// Who may be trusted, and who we are: PEM texts.
struct TlsIdentity {
  std::string ca = {};           ///< trusted roots; "": the system's
  std::string certificate = {};  ///< of the client; "": none
  std::string key = {};          ///< of `certificate`

  bool operator==(const TlsIdentity&) const = default;
};

/// What is to be sent: a value, so that a test can read it without a socket.
struct Request {
  std::string method = "GET";
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
  std::chrono::milliseconds timeout{60'000};  ///< of the whole exchange; for streams: of silence
  /// Instead of what the transport was made with, from this request on: connections made with
  /// another identity are closed, streams on them end as if they had broken off.
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
    connect,   ///< nothing was sent: name, connection, TLS
    exchange,  ///< sent, but the answer broke off: the server may have acted on it
    timeout,   ///< no answer in time; the server may have acted on it
  };
  Stage stage = Stage::connect;
  std::string message;  ///< as the library says it
  bool reset = false;   ///< at stage connect: somebody was there, and broke off
};

/// What send throws where no whole response came; its kind is `unreachable`.
class TransportError : public base::Error {
 public:
  TransportError(const Request& request, Failure failure);
  const Failure& failure() const { return failure_; }

 private:
  Failure failure_;
};

/// What happens on a stream; called from within Transport::poll and send, never afterwards. What a
/// function throws ends the stream and comes out of that call.
struct StreamHandler {
  std::function<void(const Response& head)> on_head = {};  ///< status and headers, body empty
  std::function<void(std::string_view bytes)> on_data = {};
  std::function<void(const std::optional<Failure>& failure)> on_end = {};  ///< none: a clean end
};

/// A connection that carries another protocol than HTTP, made as all others of its transport are.
/// No function waits: poll `descriptor`, but only after `read` had nothing more. What breaks is a
/// TransportError.
class Channel {
 public:
  virtual ~Channel() = default;
  virtual int descriptor() const = 0;
  /// What has come: "" if nothing has, nothing at the end of the connection.
  virtual std::optional<std::string> read() = 0;
  virtual void write(std::string bytes) = 0;  ///< kept until `flush` could send it
  virtual std::size_t flush() = 0;            ///< sends what it can; how much is left
};

/// The port to HTTP. Not thread-safe.
class Transport {
 public:
  using Stream = int;

  virtual ~Transport() = default;

  /// One exchange. HTTP errors are returned. Throws TransportError, and Error(interrupted) within
  /// 200 ms of the user's signal.
  virtual Response send(const Request& request) = 0;

  /// Begins an exchange whose body comes piece by piece. `Request::timeout` bounds silence.
  virtual Stream open(const Request& request, StreamHandler handler) = 0;
  virtual void close(Stream stream) = 0;  ///< no more calls for it

  /// A new connection to the server of request.url, on which nothing has been sent yet. Throws as
  /// `send` does.
  virtual std::unique_ptr<Channel> connect(const Request& request) = 0;

  /// Waits until something happens on an open stream, a signal, or `timeout`, and handles it.
  virtual void poll(std::chrono::milliseconds timeout) = 0;
};

}  // namespace lotse::net
