#pragma once
#include <memory>
#include <thread>

#include "action/cluster_target.h"
#include "support/memory_api.h"

namespace lotse::test {

/// The way to an API server in memory. Watches stay open; other streams are answered when they are
/// opened.
class ToMemory : public net::Transport {
 public:
  explicit ToMemory(MemoryApi& api) : api_(api) {}
  net::Response send(const net::Request& request) override { return api_.send(request); }
  Stream open(const net::Request& request, net::StreamHandler handler) override {
    const auto stream = ++last_;
    if (request.url.find("watch=") != std::string::npos) {
      handler.on_head({200, {}, ""});
      watches_.emplace(stream, Watch{request, std::move(handler), api_.seen_at(request)});
      return stream;
    }
    const auto response = send(request);
    handler.on_head({response.status, {}, ""});
    handler.on_data(response.body);
    handler.on_end({});
    return stream;
  }
  void close(Stream stream) override { watches_.erase(stream); }
  std::unique_ptr<net::Channel> connect(const net::Request&) override { return nullptr; }
  void poll(std::chrono::milliseconds timeout) override {
    bool told = false;
    std::vector<Stream> all;
    for (const auto& [stream, watch] : watches_) all.push_back(stream);
    for (const auto stream : all) {
      const auto found = watches_.find(stream);
      if (found == watches_.end()) continue;  // another one's handler closed it
      for (const auto& event : api_.events_after(found->second.seen, found->second.request)) {
        const json line = {{"type", event.type}, {"object", event.object}};
        found->second.handler.on_data(line.dump() + "\n");
        told = true;
      }
    }
    if (!told) std::this_thread::sleep_for(std::min(timeout, std::chrono::milliseconds(5)));
  }

 private:
  struct Watch {
    net::Request request;
    net::StreamHandler handler;
    size_t seen;
  };
  MemoryApi& api_;
  std::map<Stream, Watch> watches_;
  Stream last_ = 0;
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
