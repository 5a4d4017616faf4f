#pragma once
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "kube/client.h"
#include "net/curl_transport.h"
#include "support/scripted_server.h"

namespace lotse::test {

/// A scripted API server with TLS, and a client of it in the namespace "ns", as a kubeconfig would
/// make it.
struct ScriptedApi {
  Certificates certificates = make_certificates({});
  ScriptedServer server;
  identity::Settings settings;
  std::unique_ptr<net::CurlTransport> curl;
  std::unique_ptr<kube::Client> client;

  explicit ScriptedApi(std::vector<Answer> answers, const identity::Settings& given = {})
      : server(std::move(answers), {true, certificates}), settings(given) {
    connect();
  }
  explicit ScriptedApi(ScriptedServer::Script script, const identity::Settings& given = {})
      : server(std::move(script), {true, certificates}), settings(given) {
    connect();
  }

 private:
  void connect() {
    settings.server = "https://127.0.0.1:" + std::to_string(server.port());
    settings.ca = certificates.authority;
    settings.name_space = "ns";
    curl = std::make_unique<net::CurlTransport>(kube::connection_of(settings));
    client = std::make_unique<kube::Client>(*curl, settings);
  }
};

}  // namespace lotse::test
