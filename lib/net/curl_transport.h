#pragma once
#include <map>
#include <memory>
#include <string>

#include "net/transport.h"

namespace lotse::net {

/// How to reach one server. Certificates and keys are PEM texts.
struct Connection {
  std::string ca = {};           ///< trusted roots; "": the system's
  std::string certificate = {};  ///< of the client; "": none
  std::string key = {};          ///< of `certificate`
  bool insecure = false;         ///< the server's certificate is not verified
  std::string server_name = {};  ///< verified and sent (SNI) instead of the URL's host
  std::string proxy = {};        ///< "": as the environment says (environment_proxy.h)
  bool compression = true;       ///< the server may compress its answers
  /// A name that is still being looked up when time is over is left alone, not waited for: for
  /// programs that end soon.
  bool quick_exit = false;
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::seconds dead_after{50};  ///< a peer that acknowledges nothing is taken for dead
};

/// Loads libcurl on a thread of its own. For callers who know that it will be needed and have other
/// work to do meanwhile.
void load_in_background();

/// The Transport on libcurl: one pool of connections, HTTP/2 where the server offers it, TLS 1.2 at
/// least, gzip, and TCP keep-alive, so that a dead peer is noticed within a minute however quiet a
/// stream is.
class CurlTransport : public Transport {
 public:
  explicit CurlTransport(Connection connection);
  ~CurlTransport() override;

  Response send(const Request& request) override;
  Stream open(const Request& request, StreamHandler handler) override;
  void close(Stream stream) override;
  std::unique_ptr<Channel> connect(const Request& request) override;
  void poll(std::chrono::milliseconds timeout) override;

 private:
  struct Pool;
  std::unique_ptr<Pool> pool_;
};

}  // namespace lotse::net
