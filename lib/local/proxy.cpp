#include "local/proxy.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "base/error.h"
#include "local/probe.h"
#include "local/socket.h"

namespace lotse::local {

namespace {

/// One direction of a connection: bytes read from one side and not yet written to the other.
struct Flow {
  std::string bytes;
  bool ended = false;   ///< the reader saw the end
  bool passed = false;  ///< and the writer was told
};

struct Connection {
  int client = -1, server = -1;
  bool connected = false;
  size_t attempts = 0;
  Flow up, down;
};

constexpr size_t buffer_size = 64 * 1024;

/// Reads while there is room. False if the connection broke.
bool fill(int fd, Flow& flow) {
  char bytes[16 * 1024];
  while (!flow.ended && flow.bytes.size() < buffer_size) {
    const ssize_t count = ::recv(fd, bytes, sizeof bytes, 0);
    if (count > 0) flow.bytes.append(bytes, static_cast<size_t>(count));
    if (count == 0) flow.ended = true;
    if (count < 0) return errno == EAGAIN || errno == EINTR;
  }
  return true;
}

bool drain(int fd, Flow& flow) {
  while (!flow.bytes.empty()) {
    const ssize_t count = ::send(fd, flow.bytes.data(), flow.bytes.size(), MSG_NOSIGNAL);
    if (count < 0) return errno == EAGAIN || errno == EINTR;
    flow.bytes.erase(0, static_cast<size_t>(count));
  }
  if (flow.ended && !flow.passed) {
    ::shutdown(fd, SHUT_WR);
    flow.passed = true;
  }
  return true;
}

}  // namespace

struct Proxy::State {
  int listener = -1;
  int wake = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  int poller = ::epoll_create1(EPOLL_CLOEXEC);
  std::atomic<bool> end{false};
  std::mutex mutex;
  std::vector<int> backends;
  size_t turn = 0;
  std::map<int, std::shared_ptr<Connection>> connections;  ///< by either descriptor
  std::thread thread;

  ~State() {
    for (const auto& [fd, connection] : connections) ::close(fd);
    for (int fd : {listener, wake, poller}) ::close(fd);
  }

  void run();
  void accept_all();
  bool connect_next(const std::shared_ptr<Connection>& connection);
  void handle(int fd, uint32_t events);
  bool step(Connection& connection, int fd, uint32_t events);
  void interest(const Connection& connection);
  void close_both(const Connection& connection);
};

void Proxy::State::run() {
  epoll_event events[64];
  while (!end) {
    const int count = ::epoll_wait(poller, events, 64, -1);
    for (int i = 0; i < count && !end; ++i) {
      if (events[i].data.fd == listener)
        accept_all();
      else if (events[i].data.fd != wake)
        handle(events[i].data.fd, events[i].events);
    }
  }
}

void Proxy::State::accept_all() {
  for (;;) {
    const int client = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (client < 0) return;
    auto connection = std::make_shared<Connection>();
    connection->client = client;
    epoll_event event = {0, {.fd = client}};
    ::epoll_ctl(poller, EPOLL_CTL_ADD, client, &event);
    connections[client] = connection;
    if (!connect_next(connection)) close_both(*connection);
  }
}

/// Tries the ready pods in turn, each once.
bool Proxy::State::connect_next(const std::shared_ptr<Connection>& connection) {
  int port = 0;
  {
    const std::lock_guard lock(mutex);
    if (connection->attempts++ >= backends.size()) return false;
    port = backends[turn++ % backends.size()];
  }
  connection->server = connect_to(port);
  if (connection->server < 0) return connect_next(connection);
  connections[connection->server] = connection;
  epoll_event event = {EPOLLOUT, {.fd = connection->server}};
  ::epoll_ctl(poller, EPOLL_CTL_ADD, connection->server, &event);
  return true;
}

void Proxy::State::handle(int fd, uint32_t events) {
  const auto found = connections.find(fd);
  if (found == connections.end()) return;
  const auto connection = found->second;
  if (fd == connection->server && !connection->connected) {
    int problem = 1;
    socklen_t size = sizeof problem;
    ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &problem, &size);
    if (problem != 0) {
      connections.erase(fd);
      ::close(fd);
      connection->server = -1;
      if (!connect_next(connection)) close_both(*connection);
      return;
    }
    connection->connected = true;
  }
  if (step(*connection, fd, events))
    interest(*connection);
  else
    close_both(*connection);
}

bool Proxy::State::step(Connection& connection, int fd, uint32_t events) {
  if (!connection.connected) return (events & (EPOLLERR | EPOLLHUP)) == 0;
  const bool readable = (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0;
  bool good = true;
  if (readable)
    good = fd == connection.client ? fill(fd, connection.up) : fill(fd, connection.down);
  // What the pod said before it broke off still reaches the client.
  const bool written =
      drain(connection.server, connection.up) & drain(connection.client, connection.down);
  return good && written && !(connection.up.passed && connection.down.passed);
}

void Proxy::State::interest(const Connection& connection) {
  const auto wanted = [](const Flow& in, const Flow& out) -> uint32_t {
    return (!in.ended && in.bytes.size() < buffer_size ? EPOLLIN : 0U) |
           (out.bytes.empty() ? 0U : EPOLLOUT);
  };
  if (!connection.connected) return;
  epoll_event client = {wanted(connection.up, connection.down), {.fd = connection.client}};
  epoll_event server = {wanted(connection.down, connection.up), {.fd = connection.server}};
  ::epoll_ctl(poller, EPOLL_CTL_MOD, connection.client, &client);
  ::epoll_ctl(poller, EPOLL_CTL_MOD, connection.server, &server);
}

void Proxy::State::close_both(const Connection& connection) {
  for (const int fd : {connection.client, connection.server}) {
    if (fd < 0) continue;
    ::close(fd);
    connections.erase(fd);
  }
}

Proxy::Proxy(int port) : state_(std::make_shared<State>()) {
  port_ = port;
  state_->listener = port > 0 ? listen_on(port) : -1;
  for (int attempt = 0; state_->listener < 0 && attempt < 20; ++attempt) {
    port_ = free_port();
    state_->listener = listen_on(port_);
  }
  if (state_->listener < 0)
    throw base::Error(base::ErrorKind::failed, "there is no free port for a Service");
  for (const int fd : {state_->listener, state_->wake}) {
    epoll_event event = {EPOLLIN, {.fd = fd}};
    ::epoll_ctl(state_->poller, EPOLL_CTL_ADD, fd, &event);
  }
  state_->thread = std::thread([state = state_.get()] { state->run(); });
}

Proxy::~Proxy() {
  state_->end = true;
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t ignored = ::write(state_->wake, &one, sizeof one);
  state_->thread.join();
}

void Proxy::set_backends(std::vector<int> ports) {
  const std::lock_guard lock(state_->mutex);
  state_->backends = std::move(ports);
}

}  // namespace lotse::local
