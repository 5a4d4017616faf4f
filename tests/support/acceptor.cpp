#include "support/acceptor.h"

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

namespace lotse::test {

namespace {

int listen_on_free_port(int& port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  if (::bind(socket, any, size) != 0 || ::listen(socket, 64) != 0)
    throw std::runtime_error("cannot listen");
  ::getsockname(socket, any, &size);
  port = ntohs(address.sin_port);
  return socket;
}

/// OpenSSL writes without MSG_NOSIGNAL; a client that has left must not end the test.
void block_broken_pipe() {
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
}

}  // namespace

Acceptor::Acceptor(Serve serve)
    : serve_(std::move(serve)),
      listener_(listen_on_free_port(port_)),
      acceptor_([this] { accept_all(); }) {}

Acceptor::~Acceptor() {
  ending_ = true;
  acceptor_.join();
  for (auto& thread : threads_) thread.join();
  ::close(listener_);
}

void Acceptor::accept_all() {
  while (!ending_) {
    pollfd waiting = {listener_, POLLIN, 0};
    if (::poll(&waiting, 1, 20) != 1) continue;
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) continue;
    const int connection = ++connections_;
    threads_.emplace_back([this, socket, connection] {
      block_broken_pipe();
      serve_(socket, connection);
    });
  }
}

int closed_port() {
  int port = 0;
  ::close(listen_on_free_port(port));
  return port;
}

}  // namespace lotse::test
