#pragma once
#include <mutex>
#include <string>
#include <vector>

#include "support/acceptor.h"
#include "support/certificates.h"

/// A proxy on a real socket that connects every client to one port of this machine.
namespace lotse::test {

struct ProxyOptions {
  enum class Kind { connect, connect_by_tls, socks5 } kind = Kind::connect;
  Certificates certificates = {};
  bool refuses = false;  ///< answers 403
};

class TestProxy {
 public:
  TestProxy(int target_port, ProxyOptions options = {});

  int port() const { return acceptor_.port(); }
  /// "HOST:PORT" for each connection that was asked for. An address that SOCKS5 got resolved shows
  /// as "address".
  std::vector<std::string> asked() const;
  /// All that clients sent to the proxy itself, before the tunnel.
  std::string heads() const;

 private:
  class Client;
  void serve(int socket);
  std::string take_connect(Client& client);
  std::string take_socks(Client& client);
  void tunnel(Client& client) const;

  int target_port_;
  ProxyOptions options_;
  TlsContext tls_;  ///< none without TLS
  mutable std::mutex mutex_;
  std::vector<std::string> asked_;
  std::string heads_;
  Acceptor acceptor_;  // declared last, because its threads use the other members
};

}  // namespace lotse::test
