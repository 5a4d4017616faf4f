#include <sys/random.h>

#include <algorithm>
#include <charconv>

#include "base/interrupt.h"
#include "base/strings.h"
#include "crypto/base64.h"
#include "crypto/digest.h"
#include "net/url.h"
#include "net/websocket.h"

namespace lotse::net {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int switching = 101;
constexpr std::size_t longest_head = 65536;
constexpr std::size_t longest_body = 65536;
constexpr std::size_t key_bytes = 16;

/// RFC 6455 section 4.1: sixteen random bytes.
std::string random_key() {
  std::string bytes(key_bytes, '\0');
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
    throw base::Error(base::ErrorKind::failed, "no random numbers from the kernel");
  return crypto::base64_encode(bytes);
}

std::string accept_of(const std::string& key) {
  return crypto::base64_encode(crypto::sha1_bytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"));
}

std::string handshake_of(const Request& request, const std::vector<std::string>& protocols,
                         const std::string& key) {
  const auto [scheme, authority, path] = split_url(request.url);
  std::string text = "GET " + (path.empty() ? "/" : path) + " HTTP/1.1\r\nHost: " + authority +
                     "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13" +
                     "\r\nSec-WebSocket-Key: " + key +
                     "\r\nSec-WebSocket-Protocol: " + base::join(protocols, ", ") + "\r\n";
  for (const auto& [name, value] : request.headers) text += name + ": " + value + "\r\n";
  return text + "\r\n";
}

/// Reads the answer to one request from a Channel, and no more than that.
class Reader {
 public:
  Reader(Channel& channel, const Request& request) : channel_(channel), request_(request) {}

  std::string& bytes() { return bytes_; }

  /// Reads more bytes; false at the end of the connection.
  bool more() {
    constexpr std::chrono::hours unlimited{24};
    const auto end = begun_ + (request_.timeout.count() > 0 ? request_.timeout : unlimited);
    for (;;) {
      channel_.flush();
      const auto piece = channel_.read();
      if (!piece) return false;
      bytes_ += *piece;
      if (!piece->empty()) return true;
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
      if (left.count() <= 0)
        throw TransportError(request_, {Failure::Stage::timeout, "no answer to the handshake"});
      pollfd waiting[] = {{channel_.descriptor(), POLLIN, 0}, {base::interrupt_fd(), POLLIN, 0}};
      ::poll(waiting, 2, static_cast<int>(left.count()));
      base::throw_if_interrupted();
    }
  }

  [[noreturn]] void fail(const std::string& why) const {
    throw TransportError(request_, {Failure::Stage::exchange, "WebSocket: " + why});
  }

 private:
  Channel& channel_;
  const Request& request_;
  std::string bytes_;
  Clock::time_point begun_ = Clock::now();
};

Response parse_head(const Reader& reader, const std::string& head) {
  const auto lines = base::split(head, '\n');
  const auto words = base::split(base::trim(lines[0]), ' ');
  Response response;
  if (words.size() < 2 || !words[0].starts_with("HTTP/1.") ||
      std::from_chars(words[1].data(), words[1].data() + words[1].size(), response.status).ec !=
          std::errc())
    reader.fail("the answer is not HTTP");
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const auto colon = lines[i].find(':');
    if (colon == std::string::npos) continue;
    response.headers[base::lower(base::trim(lines[i].substr(0, colon)))] =
        base::trim(lines[i].substr(colon + 1));
  }
  return response;
}

Response read_head(Reader& reader) {
  auto end = std::string::npos;
  while ((end = reader.bytes().find("\r\n\r\n")) == std::string::npos) {
    if (reader.bytes().size() > longest_head) reader.fail("the answer's head does not end");
    if (!reader.more()) reader.fail("the connection ended before the answer");
  }
  auto response = parse_head(reader, reader.bytes().substr(0, end));
  reader.bytes().erase(0, end + 4);
  return response;
}

std::string header(const Response& response, const char* name) {
  const auto found = response.headers.find(name);
  return found == response.headers.end() ? "" : found->second;
}

/// A chunked body's first chunk, which holds the whole text of a refusal; any other body as it is.
std::string unchunked(const std::string& body) {
  const auto line = body.find("\r\n");
  std::size_t size = 0;
  if (line == std::string::npos ||
      std::from_chars(body.data(), body.data() + line, size, 16).ec != std::errc())
    return body;
  return body.substr(line + 2, size);
}

/// The body of a refusal, for the message: what comes until the connection ends, or until it is
/// enough.
std::string read_body(Reader& reader, const Response& response) {
  const bool chunked = base::lower(header(response, "transfer-encoding")) == "chunked";
  const auto length = header(response, "content-length");
  std::size_t size = longest_body;
  std::from_chars(length.data(), length.data() + length.size(), size);
  size = std::min(size, longest_body);
  const auto whole = [&] {
    return chunked ? reader.bytes().ends_with("0\r\n\r\n") : reader.bytes().size() >= size;
  };
  while (!whole() && reader.bytes().size() < longest_body && reader.more()) {
  }
  return chunked ? unchunked(reader.bytes()) : reader.bytes().substr(0, size);
}

void check(const Reader& reader, const Response& response, const std::string& key,
           const std::vector<std::string>& protocols) {
  if (base::lower(header(response, "upgrade")) != "websocket" ||
      base::lower(header(response, "connection")).find("upgrade") == std::string::npos)
    reader.fail("the server upgraded to something else");
  if (header(response, "sec-websocket-accept") != accept_of(key))
    reader.fail("the server's Sec-WebSocket-Accept is wrong");
  const auto chosen = header(response, "sec-websocket-protocol");
  if (std::find(protocols.begin(), protocols.end(), chosen) == protocols.end())
    reader.fail("the server chose the protocol '" + chosen + "', which was not offered");
  if (!header(response, "sec-websocket-extensions").empty())
    reader.fail("the server chose an extension that was not offered");
}

}  // namespace

Upgraded open_websocket(Transport& transport, const Request& request,
                        const std::vector<std::string>& protocols) {
  auto channel = transport.connect(request);
  const auto key = random_key();
  channel->write(handshake_of(request, protocols, key));
  Reader reader(*channel, request);
  Upgraded result{read_head(reader), nullptr};
  if (result.response.status != switching) {
    result.response.body = read_body(reader, result.response);
    return result;
  }
  check(reader, result.response, key, protocols);
  result.socket = std::make_unique<WebSocket>(std::move(channel), request,
                                              header(result.response, "sec-websocket-protocol"),
                                              std::move(reader.bytes()));
  return result;
}

}  // namespace lotse::net
