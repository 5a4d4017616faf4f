#pragma once
#include <memory>

#include "kube/client.h"
#include "net/curl_transport.h"
#include "support/websocket_server.h"

/// The server's side of exec and port-forward.
namespace lotse::test {

/// A message of the server on a channel: a binary frame.
inline std::string on(int channel, const std::string& payload) {
  return server_frame(0x82, std::string(1, static_cast<char>(channel)) + payload);
}

/// A close frame.
inline std::string bye() {
  return server_frame(0x88, close_payload(1000));
}

/// An API server that does `talk` behind the upgrade to `protocol`, and a client of it.
struct ChannelServer {
  Certificates certificates = make_certificates({});
  ScriptedServer server;
  identity::Settings settings;
  std::unique_ptr<net::CurlTransport> curl;
  std::unique_ptr<kube::Client> client;

  explicit ChannelServer(ScriptedServer::Script script)
      : server(std::move(script), {true, certificates}) {
    settings.server = "https://127.0.0.1:" + std::to_string(server.port());
    settings.ca = certificates.authority;
    settings.name_space = "ns";
    settings.token = "secret";
    curl = std::make_unique<net::CurlTransport>(kube::connection_of(settings));
    client = std::make_unique<kube::Client>(*curl, settings);
  }
  ChannelServer(const std::string& protocol, const std::function<void(Raw&)>& talk)
      : ChannelServer(
            [=](const Received& received, int) { return upgrade(received, protocol, talk); }) {}
};

}  // namespace lotse::test
