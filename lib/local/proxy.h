#pragma once
#include <memory>
#include <vector>

namespace lotse::local {

/// A Service's stable port: forwards TCP connections to the ready pods in turn. Connections that
/// are open stay with their pod until it ends them. Without a ready pod, connections are closed at
/// once.
class Proxy {
 public:
  /// Listens on 127.0.0.1:port, or on a free port if that one is taken or 0.
  explicit Proxy(int port);
  ~Proxy();
  int port() const { return port_; }
  void set_backends(std::vector<int> ports);

 private:
  struct State;
  std::shared_ptr<State> state_;
  int port_ = 0;
};

}  // namespace lotse::local
