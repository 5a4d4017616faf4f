#include "action/connect.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <list>
#include <mutex>
#include <thread>

#include "action/cluster.h"
#include "base/descriptor.h"
#include "base/error.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "base/strings.h"
#include "kube/portforward.h"
#include "net/url.h"
#include "object/member.h"

namespace lotse::action {

namespace {

using base::Descriptor;
using base::Error;
using base::ErrorKind;
using Clock = std::chrono::steady_clock;

constexpr std::size_t most_waiting = 1 << 20;  // bytes kept for either side
constexpr std::chrono::seconds longest_wait{1};
constexpr std::chrono::seconds grace_after_end{5};
constexpr std::size_t most_connections = 256;

/// Listens on a loopback address; "" if this machine does not have it. Throws if the port is taken.
class Listener {
 public:
  Listener(int family, uint16_t port) : socket_(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in6 six = {};
    sockaddr_in four = {};
    four.sin_family = AF_INET;
    four.sin_port = htons(port);
    four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(port);
    six.sin6_addr = in6addr_loopback;
    auto* address =
        family == AF_INET ? reinterpret_cast<sockaddr*>(&four) : reinterpret_cast<sockaddr*>(&six);
    socklen_t size = family == AF_INET ? sizeof four : sizeof six;
    constexpr int yes = 1;
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (family == AF_INET6)
      ::setsockopt(socket_.get(), IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes);
    if (::bind(socket_.get(), address, size) != 0 || ::listen(socket_.get(), SOMAXCONN) != 0) {
      error_ = errno;
      return;
    }
    ::getsockname(socket_.get(), address, &size);
    port_ = ntohs(family == AF_INET ? four.sin_port : six.sin6_port);
  }

  int get() const { return socket_.get(); }
  int error() const { return error_; }
  uint16_t port() const { return port_; }

 private:
  Descriptor socket_;
  int error_ = 0;
  uint16_t port_ = 0;
};

/// Bytes both ways between a local connection and the pod's port.
class Tunnel {
 public:
  Tunnel(int local, kube::PortForward& remote) : local_(local), remote_(remote) {
    ::fcntl(local, F_SETFL, ::fcntl(local, F_GETFL) | O_NONBLOCK);
  }

  void run() {
    const auto keep = [this](std::string_view bytes) {
      waiting_ += bytes;
      last_data_ = Clock::now();
    };
    bool open = true;
    while ((open || !waiting_.empty()) && !base::interrupted()) {
      const bool reading = waiting_.size() < most_waiting;
      if (open) open = step(keep, reading);
      if (!write_local()) return;
      if (!open && waiting_.empty()) return;
      if (local_ended_ && Clock::now() - last_data_ > grace_after_end) return remote_.close();
      wait(reading, open);
    }
  }

 private:
  /// Many programs behind a port just close; that is its end, not a fault of the way.
  bool step(const net::WebSocket::Sink& keep, bool reading) {
    try {
      return remote_.step(keep, reading);
    } catch (const net::TransportError& error) {
      base::log_debug(1, error.what());
      return false;
    }
  }

  void wait(bool reading, bool open) {
    short events = 0;
    if (!waiting_.empty()) events |= POLLOUT;
    if (open && !local_ended_ && remote_.unsent() < most_waiting) events |= POLLIN;
    std::vector<pollfd> others = {{events != 0 ? local_ : -1, events, 0}};
    if (open)
      remote_.wait(others, longest_wait, reading);
    else
      ::poll(others.data(), 1, 1000);
    if ((events & POLLIN) != 0 && others[0].revents != 0) read_local();
  }

  void read_local() {
    char bytes[32768];
    const ssize_t count = ::recv(local_, bytes, sizeof bytes, 0);
    if (count > 0) return remote_.write({bytes, static_cast<std::size_t>(count)});
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    local_ended_ = true;
    last_data_ = Clock::now();
  }

  /// False if nobody is there any more.
  bool write_local() {
    while (!waiting_.empty()) {
      const ssize_t count = ::send(local_, waiting_.data(), waiting_.size(), MSG_NOSIGNAL);
      if (count < 0) return errno == EAGAIN || errno == EINTR;
      waiting_.erase(0, static_cast<std::size_t>(count));
    }
    return true;
  }

  int local_;
  kube::PortForward& remote_;
  std::string waiting_;  // for the local side
  bool local_ended_ = false;
  Clock::time_point last_data_ = Clock::now();
};

/// Which pod takes the next connection; looked for again when the last one is gone.
class Backend {
 public:
  Backend(Cluster& cluster, Target& target, std::string name, const ConnectOptions& options)
      : cluster_(cluster), target_(target), name_(std::move(name)), options_(options) {
    choose();
  }

  std::string pod() {
    const std::lock_guard lock(mutex_);
    return pod_;
  }
  int port() const { return port_; }
  std::unique_ptr<Connected> connection() const { return cluster_.connect(); }

  /// Called on any thread: `gone` could not be reached.
  void replace(const std::string& gone) {
    const std::lock_guard lock(mutex_);
    if (pod_ == gone) choose();
  }

 private:
  void choose() {
    const auto objects = target_.snapshot(name_);
    const auto pod = choose_pod(objects, name_, options_.pod);
    pod_ = pod["metadata"]["name"];
    port_ = container_port(objects, pod, options_.remote);
  }

  Cluster& cluster_;
  Target& target_;  // used under the lock alone
  std::string name_;
  const ConnectOptions& options_;
  std::mutex mutex_;
  std::string pod_;
  std::atomic<int> port_ = 0;
};

std::unique_ptr<kube::PortForward> open_forward(Backend& backend, kube::Client& client) {
  const auto pod = backend.pod();
  const auto forward = [&](const std::string& to) {
    return std::make_unique<kube::PortForward>(client, to, static_cast<uint16_t>(backend.port()));
  };
  try {
    return forward(pod);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::interrupted || error.kind() == ErrorKind::denied) throw;
    backend.replace(pod);
    return forward(backend.pod());
  }
}

void serve(int local, Backend& backend, const ConnectSinks& sinks) {
  try {
    const auto connection = backend.connection();
    const auto forward = open_forward(backend, connection->client());
    Tunnel(local, *forward).run();
    if (!forward->error().empty()) sinks.problem(base::trim(forward->error()));
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::interrupted) sinks.problem(error.what());
  }
}

/// The threads of the connections.
class Connections {
 public:
  ~Connections() {
    for (auto& each : all_) each.thread.join();
  }

  void add(Descriptor socket, Backend& backend, const ConnectSinks& sinks) {
    all_.remove_if([](One& one) {
      if (one.done) one.thread.join();
      return one.done.load();
    });
    if (all_.size() >= most_connections)
      return sinks.problem(
          base::cat("more than ", most_connections, " connections: one is refused"));
    auto& one = all_.emplace_back();
    one.thread = std::thread([socket = std::move(socket), &backend, &sinks, &one] {
      serve(socket.get(), backend, sinks);
      ::shutdown(socket.get(), SHUT_RDWR);
      one.done = true;
    });
  }

 private:
  struct One {
    std::thread thread;
    std::atomic<bool> done = false;
  };
  std::list<One> all_;
};

/// On 127.0.0.1, and on ::1 with the same port where that can be had.
std::vector<Listener> listen(uint16_t port) {
  std::vector<Listener> listeners;
  listeners.emplace_back(AF_INET, port);
  if (const int error = listeners[0].error(); error != 0)
    throw Error(ErrorKind::invalid,
                base::cat("cannot listen on 127.0.0.1:", port, ": ", std::strerror(error)),
                "0:PORT takes a free port");
  Listener six(AF_INET6, listeners[0].port());
  if (six.error() == 0) listeners.push_back(std::move(six));
  return listeners;
}

void accept_all(const std::vector<Listener>& listeners, Backend& backend,
                const ConnectSinks& sinks) {
  Connections connections;
  while (!base::interrupted()) {
    std::vector<pollfd> waiting;
    for (const auto& each : listeners) waiting.push_back({each.get(), POLLIN, 0});
    waiting.push_back({base::interrupt_fd(), POLLIN, 0});
    ::poll(waiting.data(), waiting.size(), 1000);
    for (std::size_t i = 0; i < listeners.size(); ++i) {
      if ((waiting[i].revents & POLLIN) == 0) continue;
      Descriptor socket(::accept4(waiting[i].fd, nullptr, nullptr, SOCK_CLOEXEC));
      if (socket.get() >= 0) connections.add(std::move(socket), backend, sinks);
    }
  }
}

Listening local_address(Target& target, const std::string& name) {
  for (const auto& object : target.snapshot(name)) {
    const auto url = object::text_at(object, {"metadata", "annotations", workload::annotation_url});
    if (url.empty()) continue;
    return {{net::split_url(url).authority}, url, "", 0, false};
  }
  throw Error(ErrorKind::not_found, "'" + name + "' listens nowhere",
              "`lotse status " + name + "` shows whether it is ready");
}

}  // namespace

void connect(Target& target, const std::string& name, const ConnectOptions& options,
             const ConnectSinks& sinks) {
  Cluster* cluster = target.cluster();
  if (cluster == nullptr) return sinks.listening(local_address(target, name));
  Backend backend(*cluster, target, name, options);
  const auto listeners = listen(options.local);
  const auto port = listeners[0].port();
  Listening listening{{base::cat("127.0.0.1:", port)},
                      base::cat("http://127.0.0.1:", port),
                      backend.pod(),
                      backend.port(),
                      true};
  if (listeners.size() > 1) listening.addresses.push_back(base::cat("[::1]:", port));
  sinks.listening(listening);
  accept_all(listeners, backend, sinks);
}

}  // namespace lotse::action
