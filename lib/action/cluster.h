#pragma once
#include <memory>

#include "kube/client.h"
#include "net/retry.h"

namespace lotse::action {

/// A client with connections of its own; each thread has one.
class Connected {
 public:
  explicit Connected(const identity::Settings& settings)
      : transport_(kube::connection_of(settings)), retry_(transport_), client_(retry_, settings) {}
  kube::Client& client() { return client_; }

 private:
  net::CurlTransport transport_;
  net::RetryTransport retry_;
  kube::Client client_;
};

/// What a Target in a cluster can do and the local one cannot.
class Cluster {
 public:
  virtual ~Cluster() = default;
  virtual kube::Client& client() = 0;
  virtual std::unique_ptr<Connected> connect() const = 0;  ///< for another thread
};

}  // namespace lotse::action
