#pragma once
#include "base/clock.h"
#include "net/transport.h"

namespace lotse::net {

/// The code by which docs/causes.md calls a server that answers 429.
inline constexpr auto server_busy = "ServerBusy";

/// The seconds that the server asks to wait, with a 429 or 5xx, before the request is sent again.
/// Nothing if it does not ask, or gives a date, on which client-go does not send again either.
std::optional<int> retry_after(const Response& response);

/// Retries `send` as client-go does, at most ten requests in all: 429 and 5xx only if the server
/// says how long to wait (Retry-After in seconds), and a connection that broke off only for GET,
/// since the server may have carried out any other request. Of a 429 it says once that it waits.
/// Streams are opened once (docs/promises.md A1).
class RetryTransport : public Transport {
 public:
  explicit RetryTransport(Transport& inner, base::Clock& clock = base::system_clock())
      : inner_(inner), clock_(clock) {}

  Response send(const Request& request) override;
  Stream open(const Request& request, StreamHandler handler) override {
    return inner_.open(request, std::move(handler));
  }
  void close(Stream stream) override { inner_.close(stream); }
  std::unique_ptr<Channel> connect(const Request& request) override {
    return inner_.connect(request);
  }
  void poll(std::chrono::milliseconds timeout) override { inner_.poll(timeout); }

 private:
  /// Before the wait that the answer asks for, of `seconds`.
  void tell(const Response& response, int seconds);

  Transport& inner_;
  base::Clock& clock_;
  bool told_ = false;  ///< that the server is busy, and it still was at the last answer
};

}  // namespace lotse::net
