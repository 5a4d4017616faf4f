#pragma once
#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "support/certificates.h"

/// A proxy on a real socket that leads everything to one port of this machine.
namespace lotse::test {

struct ProxyOptions {
  enum class Kind { connect, connect_by_tls, socks5 } kind = Kind::connect;
  Certificates certificates = {};
  bool refuses = false;  ///< answers 403
};

class TestProxy {
 public:
  TestProxy(int target_port, ProxyOptions options = {});
  ~TestProxy();
  TestProxy(const TestProxy&) = delete;
  TestProxy& operator=(const TestProxy&) = delete;

  int port() const { return port_; }
  /// "HOST:PORT" for each connection that was asked for. An address that SOCKS5 got resolved shows
  /// as "address".
  std::vector<std::string> asked() const;
  /// All that clients sent to the proxy itself, before the tunnel.
  std::string heads() const;

 private:
  class Client;
  void accept_all();
  void serve(int socket);
  std::string take_connect(Client& client);
  std::string take_socks(Client& client);
  void tunnel(Client& client) const;

  int target_port_;
  ProxyOptions options_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> ending_{false};
  mutable std::mutex mutex_;
  std::vector<std::string> asked_;
  std::string heads_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

}  // namespace lotse::test
