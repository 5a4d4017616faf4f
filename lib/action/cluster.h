#pragma once
#include <functional>
#include <memory>

#include "kube/client.h"
#include "net/retry.h"

namespace lotse::action {

/// Makes the way to a server; a test has one of its own.
using MakeTransport = std::function<std::unique_ptr<net::Transport>(const identity::Settings&)>;

inline std::unique_ptr<net::Transport> over_the_network(const identity::Settings& settings) {
  return std::make_unique<net::CurlTransport>(kube::connection_of(settings));
}

using MakeOutside = std::function<std::unique_ptr<net::Transport>()>;

inline std::unique_ptr<net::Transport> to_the_world() {
  return std::make_unique<net::CurlTransport>(net::Connection{.quick_exit = true});
}

/// A client with connections of its own; each thread has one.
class Connected {
 public:
  explicit Connected(const identity::Settings& settings,
                     const MakeTransport& make = over_the_network)
      : transport_(make(settings)), retry_(*transport_), client_(retry_, settings) {}
  kube::Client& client() { return client_; }

 private:
  std::unique_ptr<net::Transport> transport_;
  net::RetryTransport retry_;
  kube::Client client_;
};

/// What a Target in a cluster can do and the local one cannot.
class Cluster {
 public:
  virtual ~Cluster() = default;
  virtual kube::Client& client() = 0;
  virtual std::unique_ptr<Connected> connect() const = 0;  ///< for another thread
  /// The way to other servers, such as registries; for any thread.
  virtual std::unique_ptr<net::Transport> outside() const = 0;
};

}  // namespace lotse::action
