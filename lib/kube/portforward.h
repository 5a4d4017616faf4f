#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include "kube/client.h"

namespace lotse::kube {

/// The call that opens the connection, made without sending anything.
Call portforward_call(const std::string& space, const std::string& pod, uint16_t port);

/// One TCP connection to a port of a pod, made by its kubelet and carried by a WebSocket
/// (v4.channel.k8s.io: channel 0 is data, 1 the error). The newer protocol tunnels SPDY, which
/// carries many connections and knows half-closed ones; here each connection has its own WebSocket
/// and ends as a whole. It runs in the caller's loop, like Exec.
class PortForward {
 public:
  PortForward(Client& client, const std::string& pod, uint16_t port);

  void write(std::string_view bytes);  ///< queues them; `step` sends
  std::size_t unsent() const { return socket_->unsent(); }
  /// Sends what is queued; bytes that come go to `sink`, or are left for later without `reading`.
  /// False at the end.
  bool step(const net::WebSocket::Sink& sink, bool reading);
  void wait(std::vector<pollfd>& others, std::chrono::milliseconds timeout, bool reading) {
    socket_->wait(others, timeout, reading);
  }
  void close() { socket_->close(); }
  const std::string& error() const { return error_; }  ///< what the kubelet says went wrong

 private:
  void take(std::string_view message, const net::WebSocket::Sink& sink);

  std::unique_ptr<net::WebSocket> socket_;
  std::string error_;
  std::size_t ports_seen_[2] = {0, 0};  // bytes of the port's number that each channel begins with
};

}  // namespace lotse::kube
