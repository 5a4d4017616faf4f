// The one file that includes Gloo's headers (libgloo-dev; the code is in libtorch_cpu).
#include "runner/dist/group.h"

#include <c10/util/Logging.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <optional>
#include <thread>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/strings.h"
#include "contract/environment.h"

namespace lotse::runner::dist {

namespace {

using Clock = std::chrono::steady_clock;
namespace environment = contract::environment;

std::optional<std::string> variable(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == 0) return {};
  return std::string(value);
}

constexpr int64_t most_processes_per_pod = 64;

int64_t number(const char* name, const std::string& text, int64_t least, int64_t most) {
  char* end = nullptr;
  const int64_t value = std::strtoll(text.c_str(), &end, 10);
  if (*end != 0 || value < least || value > most)
    throw base::Error(
        {{name, base::cat("is '", text, "', not a number from ", least, " to ", most), ""}});
  return value;
}

[[noreturn]] void lost(const std::string& what) {
  throw base::Error(base::ErrorKind::peer_lost, what,
                    "Look at the other ranks' logs: this one is well.");
}

/// Whether somebody listens there. False while the name does not resolve, too.
bool reachable(const std::string& host, int64_t port) {
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) return false;
  bool reached = false;
  for (const addrinfo* a = found; a != nullptr && !reached; a = a->ai_next) {
    const int fd = ::socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol);
    if (fd < 0) continue;
    const timeval limit{2, 0};
    ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    reached = ::connect(fd, a->ai_addr, a->ai_addrlen) == 0;
    ::close(fd);
  }
  ::freeaddrinfo(found);
  return reached;
}

/// Asks until it is so. Throws Error(stopped) on a signal, Error(peer_lost) after the deadline.
template <class Ready>
void wait_until(Clock::time_point deadline, const std::string& what, Ready&& ready) {
  while (!ready()) {
    if (base::wait_interruptible(std::chrono::milliseconds(200)))
      throw base::Error(base::ErrorKind::stopped, "stopped while waiting for " + what);
    if (Clock::now() > deadline) lost("gave up waiting for " + what);
  }
}

}  // namespace

Membership membership_from_environment() {
  Membership result;
  const auto count = [](const char* name, int64_t most) {
    const auto given = variable(name);
    return given ? number(name, *given, 1, most) : 1;
  };
  const auto pods = count(environment::workers, 4096);
  const auto processes = count(environment::processes_per_pod, most_processes_per_pod);
  result.world_size = pods * processes;
  if (result.world_size == 1) return result;
  const auto need = [](const char* name) {
    auto value = variable(name);
    if (!value) throw base::Error({{name, "is not set, but there are several ranks", ""}});
    return *value;
  };
  const auto place = [&](const char* name, int64_t of) {
    return of == 1 ? 0 : number(name, need(name), 0, of - 1);
  };
  result.rank = place(environment::completion_index, pods) * processes +
                place(environment::local_rank, processes);
  const auto rendezvous = need(environment::rendezvous);
  const auto colon = rendezvous.rfind(':');
  if (colon == std::string::npos || colon == 0)
    throw base::Error({{environment::rendezvous, "is '" + rendezvous + "', not HOST:PORT", ""}});
  result.rendezvous_host = rendezvous.substr(0, colon);
  result.rendezvous_port = number(environment::rendezvous, rendezvous.substr(colon + 1), 1, 65535);
  result.host = variable(environment::host).value_or("");
  return result;
}

struct Group::Peers {
  c10::intrusive_ptr<c10d::TCPStore> store;
  c10::intrusive_ptr<c10d::ProcessGroupGloo> gloo;

  /// Starts a collective and waits for it; whatever goes wrong, a peer is the reason.
  template <class Start>
  void run(const char* what, Start&& start) {
    try {
      start()->wait();
    } catch (const std::exception& error) {
      lost(base::cat("a peer was lost during ", what, ": ", first_line(error.what())));
    }
  }

  /// Without the stack and Gloo's advice.
  static std::string first_line(const std::string& text) {
    return text.substr(0, std::min(text.find('\n'), text.find(". This is typically")));
  }
};

Group::Group(const Membership& membership) : membership_(membership) {}
Group::~Group() = default;

std::unique_ptr<Group> Group::join(const Membership& membership) {
  std::unique_ptr<Group> group(new Group(membership));
  if (membership.world_size == 1) return group;
  const auto deadline = Clock::now() + membership.timeout;
  const auto place = base::cat(membership.rendezvous_host, ":", membership.rendezvous_port);
  const bool keeper = membership.rank == 0;
  if (!keeper)
    wait_until(deadline, "rank 0 at " + place,
               [&] { return reachable(membership.rendezvous_host, membership.rendezvous_port); });
  auto peers = std::make_unique<Peers>();
  try {
    // TORCH_CPP_LOG_LEVEL counts from here on: c10d warns of every peer whose address has no name.
    c10::initLogging();
    c10d::TCPStoreOptions options;
    options.port = static_cast<uint16_t>(membership.rendezvous_port);
    options.isServer = keeper;
    options.waitWorkers = false;
    options.timeout = membership.timeout;
    // The keeper's own name may have no address yet.
    const std::string host = keeper ? "127.0.0.1" : membership.rendezvous_host;
    peers->store = c10::make_intrusive<c10d::TCPStore>(host, options);
    peers->store->add("arrived", 1);
    wait_until(deadline, base::cat("all ", membership.world_size, " ranks at ", place),
               [&] { return peers->store->add("arrived", 0) >= membership.world_size; });
    auto settings = c10d::ProcessGroupGloo::Options::create();
    settings->timeout = membership.timeout;
    settings->devices.push_back(
        membership.host.empty() ? c10d::ProcessGroupGloo::createDefaultDevice()
                                : c10d::ProcessGroupGloo::createDeviceForHostname(membership.host));
    peers->gloo = c10::make_intrusive<c10d::ProcessGroupGloo>(
        peers->store, static_cast<int>(membership.rank), static_cast<int>(membership.world_size),
        settings);
  } catch (const base::Error&) {
    throw;
  } catch (const std::exception& error) {
    lost(base::cat("cannot join the others at ", place, ": ", Peers::first_line(error.what())));
  }
  group->peers_ = std::move(peers);
  return group;
}

void Group::all_reduce(torch::Tensor& tensor) {
  if (!peers_) return;
  std::vector<torch::Tensor> tensors = {tensor};
  peers_->run("all-reduce", [&] { return peers_->gloo->allreduce(tensors); });
}

void Group::broadcast(torch::Tensor& tensor) {
  if (!peers_) return;
  std::vector<torch::Tensor> tensors = {tensor};
  peers_->run("broadcast", [&] { return peers_->gloo->broadcast(tensors); });
}

torch::Tensor Group::gather_rows(const torch::Tensor& rows) {
  if (!peers_) return rows;
  // Each rank fills its own stretch of zeros, and all are added up.
  auto counts = torch::zeros({size()}, torch::kInt64);
  counts[rank()] = rows.size(0);
  all_reduce(counts);
  const auto before = counts.slice(0, 0, rank()).sum().item<int64_t>();
  auto all = torch::zeros({counts.sum().item<int64_t>(), rows.size(1)}, rows.options());
  all.slice(0, before, before + rows.size(0)).copy_(rows);
  if (all.numel() > 0) all_reduce(all);
  return all;
}

}  // namespace lotse::runner::dist
