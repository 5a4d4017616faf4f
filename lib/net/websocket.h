#pragma once
#include <poll.h>

#include <functional>

#include "net/transport.h"
#include "net/websocket_frame.h"

namespace lotse::net {

/// The client's side of a WebSocket (RFC 6455) that carries binary messages. It runs in the
/// caller's loop: only `wait` waits. Not thread-safe.
class WebSocket {
 public:
  using Sink = std::function<void(std::string_view message)>;
  struct Closing {
    int code = 0;  ///< 1005: the peer gave none
    std::string reason;
  };

  static constexpr std::size_t most_bytes = 16 << 20;  ///< of a message that comes in

  /// For open_websocket. `early` holds the bytes that came behind the answer to the handshake.
  WebSocket(std::unique_ptr<Channel> channel, Request request, std::string protocol,
            std::string early);

  const std::string& protocol() const { return protocol_; }  ///< that the server chose

  void send(std::string_view message);  ///< queues it; `step` sends
  std::size_t unsent() const { return unsent_; }

  /// Sends what is queued and handles what has come; whole messages go to `sink`. Returns false
  /// once the server has closed the connection or answered our `close`. Throws TransportError if
  /// the connection ends without that, or the server breaks the protocol. Without `reading` nothing
  /// is read, for a caller that has nowhere to put it.
  bool step(const Sink& sink, bool reading = true);
  const Closing& closing() const { return closing_; }  ///< the server's, once step says false

  /// Begins the closing handshake, behind what is queued.
  void close(int code = 1000, std::string_view reason = "");

  /// Waits for the socket, `others`, the user's signal or `timeout`; `reading` as in the next step.
  /// Pings when nothing has been sent for a while, so that no proxy in between takes the connection
  /// for dead.
  void wait(std::vector<pollfd>& others, std::chrono::milliseconds timeout, bool reading = true);

 private:
  using Clock = std::chrono::steady_clock;
  void send_frame(Opcode opcode, std::string_view payload);
  void read_all(const Sink& sink);
  void take_frames(const Sink& sink);
  void handle(const Frame& frame, const Sink& sink);
  void take_piece(const Frame& frame, const Sink& sink);
  void take_close(std::string_view payload);
  [[noreturn]] void fail(const std::string& message);

  std::unique_ptr<Channel> channel_;
  Request request_;
  std::string protocol_;
  std::string incoming_;
  std::string message_;  // the pieces so far of a message that is not whole yet
  bool in_message_ = false;
  bool close_sent_ = false;
  bool closed_ = false;
  bool more_to_read_ = false;  // TLS may hold bytes that poll knows nothing of
  Closing closing_;
  std::size_t unsent_ = 0;
  Clock::time_point last_sent_ = Clock::now();
};

struct Upgraded {
  Response response;                  ///< status 101, or the refusal with its body
  std::unique_ptr<WebSocket> socket;  ///< none unless the status is 101
};

/// The opening handshake on a connection of its own; `protocols` are offered in this order. An HTTP
/// answer that is no upgrade is returned. Throws TransportError if the connection fails, or the
/// server's handshake is wrong (RFC 6455 section 4.1), and Error(interrupted).
Upgraded open_websocket(Transport& transport, const Request& request,
                        const std::vector<std::string>& protocols);

}  // namespace lotse::net
