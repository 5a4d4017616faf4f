#pragma once
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

/// Frames of the WebSocket protocol (RFC 6455 section 5), without a socket.
namespace lotse::net {

enum class Opcode : uint8_t { more = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

struct Frame {
  Opcode opcode = Opcode::binary;
  bool last = true;  ///< of its message
  std::string_view payload;
};

/// The peer broke the protocol. `code` is the reason that it is given when the connection is
/// closed.
class ProtocolError : public std::runtime_error {
 public:
  ProtocolError(int code, const std::string& message) : std::runtime_error(message), code_(code) {}
  int code() const { return code_; }

 private:
  int code_;
};

/// A whole frame as a client sends it, masked with four bytes of `mask`.
std::string encode_frame(Opcode opcode, std::string_view payload, uint32_t mask);

/// Takes a server's frame off the front of `bytes`; no frame if it is not whole yet.
/// The payload lies where the bytes do. Throws ProtocolError for a frame that is masked, has
/// reserved bits, an unknown opcode or a length that is not the shortest form, a control frame that
/// is in pieces or above 125 bytes (1002), and one above `most` bytes (1009), as soon as its head
/// is there.
std::optional<Frame> take_frame(std::string_view& bytes, std::size_t most);

}  // namespace lotse::net
