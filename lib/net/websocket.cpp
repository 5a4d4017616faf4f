#include "net/websocket.h"

#include <sys/random.h>

#include "base/interrupt.h"
#include "base/strings.h"

namespace lotse::net {

namespace {

constexpr int no_code = 1005;
constexpr int protocol_error = 1002;
constexpr int only_binary = 1003;
constexpr int too_big = 1009;
constexpr std::chrono::seconds quiet_for{20};

uint32_t random_mask() {
  uint32_t mask = 0;
  if (::getrandom(&mask, sizeof mask, 0) != sizeof mask)
    throw base::Error(base::ErrorKind::failed, "no random numbers from the kernel");
  return mask;
}

/// RFC 6455 section 7.4: codes that may stand in a frame.
bool may_be_sent(int code) {
  constexpr int reserved[] = {1004, no_code, 1006, 1015};
  for (const int one : reserved)
    if (code == one) return false;
  return (code >= 1000 && code <= 1014) || (code >= 3000 && code <= 4999);
}

}  // namespace

WebSocket::WebSocket(std::unique_ptr<Channel> channel, Request request, std::string protocol,
                     std::string early)
    : channel_(std::move(channel)),
      request_(std::move(request)),
      protocol_(std::move(protocol)),
      incoming_(std::move(early)) {}

void WebSocket::fail(const std::string& message) {
  throw TransportError(request_, {Failure::Stage::exchange, message});
}

void WebSocket::send_frame(Opcode opcode, std::string_view payload) {
  channel_->write(encode_frame(opcode, payload, random_mask()));
  unsent_ = channel_->flush();
  last_sent_ = Clock::now();
}

void WebSocket::send(std::string_view message) {
  if (!close_sent_) send_frame(Opcode::binary, message);
}

void WebSocket::close(int code, std::string_view reason) {
  if (close_sent_) return;
  std::string payload = {static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)};
  payload += reason.substr(0, 123);
  send_frame(Opcode::close, payload);
  close_sent_ = true;
}

void WebSocket::take_close(std::string_view payload) {
  closing_.code = no_code;
  if (payload.size() == 1) throw ProtocolError(protocol_error, "a close frame of one byte");
  if (payload.size() >= 2) {
    closing_.code = static_cast<uint8_t>(payload[0]) << 8 | static_cast<uint8_t>(payload[1]);
    closing_.reason = payload.substr(2);
    if (!may_be_sent(closing_.code))
      throw ProtocolError(protocol_error, base::cat("close code ", closing_.code));
  }
  close(closing_.code == no_code ? 1000 : closing_.code);
  closed_ = true;
}

void WebSocket::take_piece(const Frame& frame, const Sink& sink) {
  if (frame.opcode == Opcode::text) throw ProtocolError(only_binary, "a text message");
  if ((frame.opcode == Opcode::more) != in_message_)
    throw ProtocolError(protocol_error, "the pieces of a message are out of order");
  if (message_.size() + frame.payload.size() > most_bytes)
    throw ProtocolError(too_big, "a message is too big");
  if (frame.last && !in_message_) return sink(frame.payload);
  in_message_ = !frame.last;
  message_ += frame.payload;
  if (in_message_) return;
  const std::string whole = std::exchange(message_, {});
  sink(whole);
}

void WebSocket::handle(const Frame& frame, const Sink& sink) {
  switch (frame.opcode) {
    case Opcode::close:
      return take_close(frame.payload);
    case Opcode::ping:
      if (!close_sent_) send_frame(Opcode::pong, frame.payload);
      return;
    case Opcode::pong:
      return;
    default:
      take_piece(frame, sink);
  }
}

void WebSocket::take_frames(const Sink& sink) {
  std::string_view left = incoming_;
  try {
    while (!closed_) {
      const auto frame = take_frame(left, most_bytes);
      if (!frame) break;
      handle(*frame, sink);
    }
  } catch (const ProtocolError& error) {
    close(error.code(), error.what());
    fail(std::string("WebSocket: ") + error.what());
  }
  incoming_.erase(0, incoming_.size() - left.size());
}

void WebSocket::read_all(const Sink& sink) {
  constexpr int most_reads = 16;  // the caller has other things to tend
  take_frames(sink);
  more_to_read_ = false;
  for (int reads = 0; !closed_; ++reads) {
    if (reads == most_reads) {
      more_to_read_ = true;
      return;
    }
    const auto bytes = channel_->read();
    if (!bytes) fail("the connection ended without a close frame");
    if (bytes->empty()) return;
    incoming_ += *bytes;
    take_frames(sink);
  }
}

bool WebSocket::step(const Sink& sink, bool reading) {
  unsent_ = channel_->flush();
  if (!reading)
    more_to_read_ = true;
  else if (!closed_)
    read_all(sink);
  return !closed_;
}

void WebSocket::wait(std::vector<pollfd>& others, std::chrono::milliseconds timeout, bool reading) {
  const auto now = Clock::now();
  if (unsent_ == 0 && !close_sent_ && now - last_sent_ > quiet_for) send_frame(Opcode::ping, "");
  const auto until_ping =
      std::chrono::ceil<std::chrono::milliseconds>(last_sent_ + quiet_for - Clock::now());
  timeout = std::max(std::chrono::milliseconds(0), std::min(timeout, until_ping));
  if (reading && more_to_read_) timeout = {};
  const auto events = static_cast<short>((reading ? POLLIN : 0) | (unsent_ > 0 ? POLLOUT : 0));
  others.push_back({events != 0 ? channel_->descriptor() : -1, events, 0});
  others.push_back({base::interrupted() ? -1 : base::interrupt_fd(), POLLIN, 0});
  ::poll(others.data(), others.size(), static_cast<int>(timeout.count()));
  others.resize(others.size() - 2);
}

}  // namespace lotse::net
