#pragma once
#include <memory>

#include "action/cluster_target.h"
#include "support/memory_api.h"

namespace lotse::test {

/// The way to an API server in memory.
class ToMemory : public net::Transport {
 public:
  explicit ToMemory(MemoryApi& api) : api_(api) {}
  net::Response send(const net::Request& request) override { return api_.send(request); }
  Stream open(const net::Request& request, net::StreamHandler handler) override {
    return api_.open(request, std::move(handler));
  }
  void close(Stream) override {}
  std::unique_ptr<net::Channel> connect(const net::Request&) override { return nullptr; }
  void poll(std::chrono::milliseconds) override {}

 private:
  MemoryApi& api_;
};

/// A machine without a network.
class Nowhere : public net::Transport {
 public:
  net::Response send(const net::Request& request) override {
    throw net::TransportError(request, {net::Failure::Stage::connect, "there is no network"});
  }
  Stream open(const net::Request&, net::StreamHandler) override { return 0; }
  void close(Stream) override {}
  std::unique_ptr<net::Channel> connect(const net::Request&) override { return nullptr; }
  void poll(std::chrono::milliseconds) override {}
};

inline std::unique_ptr<net::Transport> nowhere() {
  return std::make_unique<Nowhere>();
}

/// The Target for the namespace `ns` of a cluster whose server is in memory; `outside` is the way
/// to other servers.
inline std::unique_ptr<action::Target> make_api_target(MemoryApi& api,
                                                       action::MakeOutside outside = nowhere) {
  identity::Settings settings;
  settings.server = "http://memory";
  settings.name_space = "ns";
  return action::make_cluster_target(
      settings, [&api](const identity::Settings&) { return std::make_unique<ToMemory>(api); },
      outside);
}

}  // namespace lotse::test
