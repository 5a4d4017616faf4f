#include "support/websocket_server.h"

#include <openssl/evp.h>

namespace lotse::test {

std::string websocket_accept(const std::string& key) {
  const std::string text = key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha1(), nullptr);
  unsigned char encoded[64];
  EVP_EncodeBlock(encoded, digest, static_cast<int>(size));
  return reinterpret_cast<const char*>(encoded);
}

Answer upgrade(const Received& request, const std::string& protocol,
               std::function<void(Raw&)> talk) {
  Answer answer;
  answer.status = 101;
  answer.headers = {
      {"Upgrade", "websocket"},
      {"Connection", "Upgrade"},
      {"Sec-WebSocket-Accept", websocket_accept(request.headers.at("sec-websocket-key"))},
      {"Sec-WebSocket-Protocol", protocol}};
  answer.talk = std::move(talk);
  return answer;
}

std::string server_frame(int first, const std::string& payload) {
  std::string frame(1, static_cast<char>(first));
  const auto size = payload.size();
  if (size < 126) {
    frame += static_cast<char>(size);
  } else if (size < 65536) {
    frame += {126, static_cast<char>(size >> 8), static_cast<char>(size)};
  } else {
    frame += '\x7f';
    for (int shift = 56; shift >= 0; shift -= 8) frame += static_cast<char>(size >> shift);
  }
  return frame + payload;
}

std::optional<ClientFrame> read_frame(Raw& raw, std::string& buffer) {
  const auto need = [&](size_t size) {
    while (buffer.size() < size)
      if (!raw.read_more(buffer)) return false;
    return true;
  };
  const auto byte = [&](size_t at) { return static_cast<unsigned char>(buffer[at]); };
  if (!need(2)) return {};
  ClientFrame frame{byte(0) & 0x0F, (byte(0) & 0x80) != 0, (byte(1) & 0x80) != 0, "", ""};
  size_t size = byte(1) & 0x7F;
  size_t head = 2;
  if (size >= 126) {
    const size_t extra = size == 126 ? 2 : 8;
    if (!need(head + extra)) return {};
    size = 0;
    for (size_t i = 0; i < extra; ++i) size = size << 8 | byte(head + i);
    head += extra;
  }
  const size_t mask = frame.masked ? 4 : 0;
  if (!need(head + mask + size)) return {};
  frame.mask = buffer.substr(head, mask);
  frame.payload = buffer.substr(head + mask, size);
  for (size_t i = 0; i < size && mask != 0; ++i)
    frame.payload[i] = static_cast<char>(frame.payload[i] ^ frame.mask[i % 4]);
  buffer.erase(0, head + mask + size);
  return frame;
}

std::string close_payload(int code, const std::string& reason) {
  return std::string{static_cast<char>(code >> 8), static_cast<char>(code)} + reason;
}

}  // namespace lotse::test
