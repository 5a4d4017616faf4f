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

/// A descriptor under a key of its own: the number alone may have been closed and given to another
/// connection while events for the old one wait to be handled.
struct End {
  int fd = -1;
  uint64_t key = 0;
};

struct Connection {
  End client, server;
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
  std::map<uint64_t, std::shared_ptr<Connection>> connections;  ///< by either end's key
  uint64_t last_key = 1;                                        ///< 0 is the listener, 1 wakes
  std::thread thread;

  ~State() {
    for (const auto& [key, connection] : connections)
      ::close(key == connection->client.key ? connection->client.fd : connection->server.fd);
    for (int fd : {listener, wake, poller}) ::close(fd);
  }

  void run();
  void accept_all();
  bool connect_next(const std::shared_ptr<Connection>& connection);
  void handle(uint64_t key, uint32_t events);
  End watch(int fd, uint32_t events, const std::shared_ptr<Connection>& connection);
  bool step(Connection& connection, bool client, uint32_t events);
  void interest(const Connection& connection);
  void close_both(const Connection& connection);
};

void Proxy::State::run() {
  epoll_event events[64];
  while (!end) {
    const int count = ::epoll_wait(poller, events, 64, -1);
    for (int i = 0; i < count && !end; ++i) {
      if (events[i].data.u64 == 0) {
        accept_all();
      } else if (events[i].data.u64 != 1) {
        handle(events[i].data.u64, events[i].events);
      }
    }
  }
}

void Proxy::State::accept_all() {
  for (;;) {
    const int client = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (client < 0) return;
    auto connection = std::make_shared<Connection>();
    connection->client = watch(client, 0, connection);
    if (!connect_next(connection)) close_both(*connection);
  }
}

End Proxy::State::watch(int fd, uint32_t events, const std::shared_ptr<Connection>& connection) {
  const End end_of_it{fd, ++last_key};
  connections[end_of_it.key] = connection;
  epoll_event event = {events, {.u64 = end_of_it.key}};
  ::epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event);
  return end_of_it;
}

/// Tries the ready pods in turn, each once.
bool Proxy::State::connect_next(const std::shared_ptr<Connection>& connection) {
  int port = 0;
  {
    const std::lock_guard lock(mutex);
    if (connection->attempts++ >= backends.size()) return false;
    port = backends[turn++ % backends.size()];
  }
  const int fd = connect_to(port);
  if (fd < 0) return connect_next(connection);
  connection->server = watch(fd, EPOLLOUT, connection);
  return true;
}

void Proxy::State::handle(uint64_t key, uint32_t events) {
  const auto found = connections.find(key);
  if (found == connections.end()) return;
  const auto connection = found->second;
  const bool client = key == connection->client.key;
  if (!client && !connection->connected) {
    int problem = 1;
    socklen_t size = sizeof problem;
    ::getsockopt(connection->server.fd, SOL_SOCKET, SO_ERROR, &problem, &size);
    if (problem != 0) {
      connections.erase(key);
      ::close(connection->server.fd);
      connection->server = {};
      if (!connect_next(connection)) close_both(*connection);
      return;
    }
    connection->connected = true;
  }
  if (step(*connection, client, events)) {
    interest(*connection);
  } else {
    close_both(*connection);
  }
}

bool Proxy::State::step(Connection& connection, bool client, uint32_t events) {
  if (!connection.connected) return (events & (EPOLLERR | EPOLLHUP)) == 0;
  const int client_fd = connection.client.fd;
  const int server_fd = connection.server.fd;
  bool good = true;
  if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0)
    good = client ? fill(client_fd, connection.up) : fill(server_fd, connection.down);
  // What the pod said before it broke off still reaches the client.
  const bool up = drain(server_fd, connection.up);
  const bool down = drain(client_fd, connection.down);
  return good && up && down && !(connection.up.passed && connection.down.passed);
}

void Proxy::State::interest(const Connection& connection) {
  const auto wanted = [](const Flow& in, const Flow& out) -> uint32_t {
    return (!in.ended && in.bytes.size() < buffer_size ? EPOLLIN : 0U) |
           (out.bytes.empty() ? 0U : EPOLLOUT);
  };
  if (!connection.connected) return;
  epoll_event client = {wanted(connection.up, connection.down), {.u64 = connection.client.key}};
  epoll_event server = {wanted(connection.down, connection.up), {.u64 = connection.server.key}};
  ::epoll_ctl(poller, EPOLL_CTL_MOD, connection.client.fd, &client);
  ::epoll_ctl(poller, EPOLL_CTL_MOD, connection.server.fd, &server);
}

void Proxy::State::close_both(const Connection& connection) {
  for (const End& one : {connection.client, connection.server}) {
    if (one.fd < 0) continue;
    ::close(one.fd);
    connections.erase(one.key);
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
  epoll_event listener = {EPOLLIN, {.u64 = 0}};
  epoll_event wake = {EPOLLIN, {.u64 = 1}};
  ::epoll_ctl(state_->poller, EPOLL_CTL_ADD, state_->listener, &listener);
  ::epoll_ctl(state_->poller, EPOLL_CTL_ADD, state_->wake, &wake);
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
