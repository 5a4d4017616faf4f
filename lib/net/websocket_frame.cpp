#include "net/websocket_frame.h"

#include "base/strings.h"

namespace lotse::net {

namespace {

constexpr int protocol_error = 1002;
constexpr int too_big = 1009;
constexpr uint8_t last_bit = 0x80;
constexpr uint8_t mask_bit = 0x80;
constexpr uint8_t reserved_bits = 0x70;
constexpr std::size_t longest_control = 125;  // RFC 6455 section 5.5

bool is_control(Opcode opcode) {
  return static_cast<uint8_t>(opcode) >= static_cast<uint8_t>(Opcode::close);
}

Opcode opcode_of(uint8_t first) {
  const auto opcode = static_cast<Opcode>(first & 0x0F);
  switch (opcode) {
    case Opcode::more:
    case Opcode::text:
    case Opcode::binary:
    case Opcode::close:
    case Opcode::ping:
    case Opcode::pong:
      return opcode;
  }
  throw ProtocolError(protocol_error, base::cat("opcode ", first & 0x0F, " is not known"));
}

uint64_t big_endian(std::string_view bytes) {
  uint64_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<uint8_t>(byte);
  return value;
}

/// Bytes of the extended length behind the two that each frame has.
std::size_t extra_length(uint8_t second) {
  const int length = second & 0x7F;
  if (length == 126) return 2;
  return length == 127 ? 8 : 0;
}

uint64_t length_of(uint8_t second, std::string_view extra) {
  if (extra.empty()) return second & 0x7F;
  const uint64_t length = big_endian(extra);
  const uint64_t least = extra.size() == 2 ? 126 : 65536;
  if (length < least) throw ProtocolError(protocol_error, "a length is not in its shortest form");
  return length;
}

void check_head(uint8_t first, uint8_t second) {
  if ((first & reserved_bits) != 0) throw ProtocolError(protocol_error, "a reserved bit is set");
  if ((second & mask_bit) != 0) throw ProtocolError(protocol_error, "a server's frame is masked");
  const bool whole = (first & last_bit) != 0 && (second & 0x7F) <= longest_control;
  if (is_control(opcode_of(first)) && !whole)
    throw ProtocolError(protocol_error, "a control frame is in pieces or too long");
}

}  // namespace

std::string encode_frame(Opcode opcode, std::string_view payload, uint32_t mask) {
  std::string frame;
  frame.reserve(payload.size() + 14);
  frame += static_cast<char>(last_bit | static_cast<uint8_t>(opcode));
  const int extra = payload.size() < 126 ? 0 : payload.size() < 65536 ? 2 : 8;
  const auto marker = extra == 0 ? payload.size() : extra == 2 ? 126U : 127U;
  frame += static_cast<char>(mask_bit | static_cast<uint8_t>(marker));
  for (int shift = 8 * (extra - 1); shift >= 0; shift -= 8)
    frame += static_cast<char>(payload.size() >> shift & 0xFF);
  char key[4];
  for (int i = 0; i < 4; ++i) key[i] = static_cast<char>(mask >> (8 * i) & 0xFF);
  frame.append(key, 4);
  for (std::size_t i = 0; i < payload.size(); ++i)
    frame += static_cast<char>(payload[i] ^ key[i & 3]);
  return frame;
}

std::optional<Frame> take_frame(std::string_view& bytes, std::size_t most) {
  if (bytes.size() < 2) return {};
  const auto first = static_cast<uint8_t>(bytes[0]);
  const auto second = static_cast<uint8_t>(bytes[1]);
  check_head(first, second);
  const std::size_t head = 2 + extra_length(second);
  if (bytes.size() < head) return {};
  const uint64_t length = length_of(second, bytes.substr(2, head - 2));
  if (length > most)
    throw ProtocolError(too_big, base::cat("a frame of ", length, " bytes is too big"));
  if (bytes.size() - head < length) return {};
  const Frame frame{opcode_of(first), (first & last_bit) != 0, bytes.substr(head, length)};
  bytes.remove_prefix(head + length);
  return frame;
}

}  // namespace lotse::net
