#pragma once
#include <optional>
#include <string>

#include "support/scripted_server.h"

/// The server's side of a WebSocket. It shares no code with the client's side that is tested.
namespace lotse::test {

struct ClientFrame {
  int opcode = 0;
  bool last = false;
  bool masked = false;
  std::string mask;
  std::string payload;  ///< unmasked
};

/// The Sec-WebSocket-Accept of a client's key.
std::string websocket_accept(const std::string& key);

/// The answer 101 with the headers that the client needs, then `talk`.
Answer upgrade(const Received& request, const std::string& protocol,
               std::function<void(Raw&)> talk);

/// A frame as a server sends it. `first` holds the opcode and the flags, e.g. 0x82.
std::string server_frame(int first, const std::string& payload);

/// Waits for the next frame of the client; nothing at the end of the connection.
std::optional<ClientFrame> read_frame(Raw& raw, std::string& buffer);

/// A close frame's payload.
std::string close_payload(int code, const std::string& reason = "");

}  // namespace lotse::test
