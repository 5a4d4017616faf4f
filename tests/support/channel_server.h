#pragma once
#include <functional>
#include <string>

#include "support/scripted_api.h"
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

/// An API server that does `talk` behind the upgrade to `protocol`.
struct ChannelServer : ScriptedApi {
  ChannelServer(const std::string& protocol, const std::function<void(Raw&)>& talk,
                const identity::Settings& given = {})
      : ScriptedApi(
            [=](const Received& received, int) { return upgrade(received, protocol, talk); },
            given) {}
};

}  // namespace lotse::test
