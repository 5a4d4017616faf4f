#pragma once
#include <atomic>
#include <functional>
#include <thread>
#include <vector>

namespace lotse::test {

/// Listens on a free port of 127.0.0.1 and serves each connection on a thread of its own. Its
/// destructor sets `ending`, on which the threads end, and waits for them.
class Acceptor {
 public:
  using Serve = std::function<void(int socket, int connection)>;  ///< connections from 1

  explicit Acceptor(Serve serve);
  ~Acceptor();
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;

  int port() const { return port_; }
  int connections() const { return connections_; }
  const std::atomic<bool>& ending() const { return ending_; }

 private:
  void accept_all();

  Serve serve_;
  int port_ = 0;
  int listener_;
  std::atomic<bool> ending_{false};
  std::atomic<int> connections_{0};
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

/// A port of 127.0.0.1 on which nothing listens.
int closed_port();

}  // namespace lotse::test
