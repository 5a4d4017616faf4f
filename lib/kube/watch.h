#pragma once
#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "base/clock.h"
#include "kube/client.h"
#include "kube/watch_event.h"

namespace lotse::kube {

struct WatchHandler {
  std::function<void(WatchEvent)> on_event;  ///< ADDED, MODIFIED, DELETED
  /// Called when the server no longer knows the version that the watch had come to (410): lists
  /// anew and returns the version to go on from. If it throws Error(unreachable) it is called again
  /// later.
  std::function<std::string()> relist;
};

/// One watch that does not end: it goes on from its last resourceVersion (bookmarks count) when it
/// is cut. Pauses between tries are those of client-go's Reflector: 0.8 s doubling to 30 s,
/// forgotten after two minutes or an event, and longer where the server asks for it.
class Watch {
 public:
  /// `call` is watch_call's without a resourceVersion.
  Watch(Client& client, Call call, std::string version, WatchHandler handler, base::Clock& clock);
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  /// Opens the stream if it is due; events come while the client's transport is polled. Throws
  /// Error(denied) if the server no longer allows it, and what `relist` throws.
  void tend();

 private:
  void open();
  void read(std::string_view bytes);
  void take(WatchEvent event);
  void leave();
  void tell_if_busy();
  void ended(const std::optional<net::Failure>& failure);

  Client& client_;
  Call call_;
  std::string version_;
  WatchHandler handler_;
  base::Clock& clock_;
  WatchDecoder decoder_;
  std::optional<net::Transport::Stream> stream_;
  net::Response head_;  ///< with a body if it is not 200
  bool must_relist_ = false;
  bool brought_ = false;
  uint64_t credentials_serial_ = 0;  ///< of the credentials that the stream was opened with
  bool refused_ = false;
  bool told_ = false;                     ///< that the server is busy
  std::chrono::seconds asked_to_wait_{};  ///< by an ERROR event
  base::Clock::Time opened_{};
  base::Clock::Time due_{};
  std::chrono::milliseconds pause_;
};

}  // namespace lotse::kube
