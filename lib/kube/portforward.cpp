#include "kube/portforward.h"

#include <algorithm>

#include "object/reference.h"

namespace lotse::kube {

namespace {

constexpr auto protocol = "v4.channel.k8s.io";
constexpr unsigned char channel_data = 0;
constexpr unsigned char channel_error = 1;
constexpr std::size_t port_bytes = 2;

}  // namespace

Call portforward_call(const std::string& space, const std::string& pod, uint16_t port) {
  Call call;
  call.path = object::path_of(*object::find_kind("v1", "Pod"), space, pod) + "/portforward";
  call.query = {{"ports", std::to_string(port)}};
  return call;
}

PortForward::PortForward(Client& client, const std::string& pod, uint16_t port)
    : socket_(client.upgrade(portforward_call(client.name_space(), pod, port), {protocol})) {}

void PortForward::write(std::string_view bytes) {
  constexpr std::size_t piece = 32768;
  for (std::size_t at = 0; at < bytes.size(); at += piece)
    socket_->send(std::string(1, static_cast<char>(channel_data)).append(bytes.substr(at, piece)));
}

void PortForward::take(std::string_view message, const net::WebSocket::Sink& sink) {
  if (message.empty()) return;
  const auto channel = static_cast<unsigned char>(message[0]);
  if (channel > channel_error) return;
  message.remove_prefix(1);
  // Both channels begin with the port's number in two bytes, the lower one first.
  const auto skipped = std::min(port_bytes - ports_seen_[channel], message.size());
  ports_seen_[channel] += skipped;
  message.remove_prefix(skipped);
  if (message.empty()) return;
  if (channel == channel_data)
    sink(message);
  else
    error_ += message;
}

bool PortForward::step(const net::WebSocket::Sink& sink, bool reading) {
  return socket_->step([&](std::string_view message) { take(message, sink); }, reading);
}

}  // namespace lotse::kube
