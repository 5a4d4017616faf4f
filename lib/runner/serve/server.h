#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include "runner/serve/api.h"

namespace lotse::runner::serve {

struct ServerLimits {
  uint64_t body_bytes = uint64_t{64} << 20;  ///< a longer body is answered 413
  double read_seconds = 30;    ///< for one whole request to come in, from its first byte
  double idle_seconds = 75;    ///< for a connection on which nothing comes
  double write_seconds = 30;   ///< for one answer to go out
  int64_t connections = 1024;  ///< more are closed at once
  int threads = 2;
};

/// HTTP/1.0 and 1.1 on one port. Requests of one connection are answered one after the other, in
/// order; between connections they overlap.
class Server {
 public:
  /// Listens at once, on an address or on the first usable one of a name; port 0 takes a free one.
  /// Throws Error(invalid) for a host that is neither, Error(failed) if it is taken.
  Server(Api& api, const std::string& host, uint16_t port, ServerLimits limits = {});
  ~Server();  ///< stop(0)
  uint16_t port() const;

  /// From now on each answer closes its connection.
  void drain();
  /// No new connections; idle ones are closed; what is in flight is answered, for at most
  /// `seconds`. True if all was answered.
  bool stop(double seconds);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace lotse::runner::serve
