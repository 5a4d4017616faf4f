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

/// The Target for the namespace `ns` of a cluster whose server is in memory.
inline std::unique_ptr<action::Target> make_api_target(MemoryApi& api) {
  identity::Settings settings;
  settings.server = "http://memory";
  settings.name_space = "ns";
  return action::make_cluster_target(
      settings, [&api](const identity::Settings&) { return std::make_unique<ToMemory>(api); });
}

}  // namespace lotse::test
