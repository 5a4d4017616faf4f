#pragma once
#include <chrono>

#include "base/clock.h"
#include "net/transport.h"

namespace lotse::kube {

/// Rides out a server that answers 429 to a list, as one does whose caches are cold
/// (docs/promises.md A26): for two minutes, and it says once what is waited for.
class Patience {
 public:
  explicit Patience(base::Clock& clock) : clock_(clock), begun_(clock.now()) {}

  /// True if it is worth asking again: then it has waited as long as the server asks, else a second
  /// at first, doubling to eight. Throws Error(interrupted).
  bool waits_out(const net::Response& answer);

 private:
  base::Clock& clock_;
  base::Clock::Time begun_;
  std::chrono::seconds pause_{1};
  bool told_ = false;
};

}  // namespace lotse::kube
