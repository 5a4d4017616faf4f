#include "support/scripted_server.h"

#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <optional>

#include "base/strings.h"

namespace lotse::test {

namespace {

using Milliseconds = std::chrono::milliseconds;

std::string common_name_of(X509* certificate) {
  if (certificate == nullptr) return "";
  char name[256] = {};
  X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name, sizeof name);
  X509_free(certificate);
  return name;
}

TlsContext context_of(const ServerOptions& options) {
  if (!options.tls) return {nullptr, SSL_CTX_free};
  auto context = server_context(options.certificates);
  if (options.newest_tls != 0) {
    SSL_CTX_set_security_level(context.get(), 0);  // TLS 1.1 is beneath the default level
    SSL_CTX_set_min_proto_version(context.get(), 0);
    SSL_CTX_set_max_proto_version(context.get(), options.newest_tls);
  }
  if (options.ask_client_certificate)
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, [](int, X509_STORE_CTX*) { return 1; });
  return context;
}

}  // namespace

/// One connection, with or without TLS.
class ScriptedServer::Peer {
 public:
  Peer(int socket, SSL_CTX* context, const std::atomic<bool>& ending)
      : socket_(socket), ending_(ending) {
    const timeval limit = {0, 50'000};  // a blocked read looks at `ending` this often
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    if (context == nullptr) return;
    ssl_ = SSL_new(context);
    SSL_set_fd(ssl_, socket_);
  }
  ~Peer() {
    SSL_free(ssl_);
    ::close(socket_);
  }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  bool handshake() {
    while (ssl_ != nullptr && !ending_) {
      const int result = SSL_accept(ssl_);
      if (result == 1) return true;
      if (SSL_get_error(ssl_, result) != SSL_ERROR_WANT_READ) return false;
    }
    return ssl_ == nullptr;
  }

  std::string client_name() const {
    return ssl_ == nullptr ? "" : common_name_of(SSL_get1_peer_certificate(ssl_));
  }

  /// More bytes behind `buffer`; false at the end of the connection or of the server.
  bool read_more(std::string& buffer) {
    char bytes[16384];
    while (!ending_) {
      const auto count = ssl_ != nullptr ? SSL_read(ssl_, bytes, sizeof bytes)
                                         : ::recv(socket_, bytes, sizeof bytes, 0);
      if (count > 0) {
        buffer.append(bytes, static_cast<size_t>(count));
        return true;
      }
      const bool again = ssl_ != nullptr
                             ? SSL_get_error(ssl_, static_cast<int>(count)) == SSL_ERROR_WANT_READ
                             : count < 0 && (errno == EAGAIN || errno == EINTR);
      if (!again) return false;
    }
    return false;
  }

  bool write(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto count = ssl_ != nullptr
                             ? SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()))
                             : ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(count));
    }
    return true;
  }

  void reset() const {
    const linger none = {1, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &none, sizeof none);
  }

 private:
  int socket_;
  SSL* ssl_ = nullptr;
  const std::atomic<bool>& ending_;
};

namespace {

/// The head at the front of `buffer`, which loses it; nothing if it is not whole yet.
std::optional<Received> take_head(std::string& buffer) {
  const size_t end = buffer.find("\r\n\r\n");
  if (end == std::string::npos) return std::nullopt;
  const auto lines = base::split(buffer.substr(0, end), '\n');
  buffer.erase(0, end + 4);
  const auto words = base::split(base::trim(lines[0]), ' ');
  Received received;
  received.method = words.at(0);
  received.target = words.at(1);
  for (size_t i = 1; i < lines.size(); ++i) {
    const size_t colon = lines[i].find(':');
    received.headers[base::lower(lines[i].substr(0, colon))] =
        base::trim(lines[i].substr(colon + 1));
  }
  received.at = std::chrono::steady_clock::now();
  return received;
}

std::string head_of(const Answer& answer) {
  std::string head = "HTTP/1.1 " + std::to_string(answer.status) + " Scripted\r\n";
  auto headers = answer.headers;
  if (answer.talk)
    ;  // what follows is no body
  else if (!answer.pieces.empty())
    headers.emplace("Transfer-Encoding", "chunked");
  else
    headers.emplace("Content-Length", std::to_string(answer.body.size()));
  for (const auto& [name, value] : headers) head += name + ": " + value + "\r\n";
  return head + "\r\n";
}

std::string chunk(const std::string& piece) {
  char size[20];
  std::snprintf(size, sizeof size, "%zx\r\n", piece.size());
  return size + piece + "\r\n";
}

}  // namespace

ScriptedServer::ScriptedServer(Script script, ServerOptions options)
    : script_(std::move(script)),
      options_(std::move(options)),
      tls_(context_of(options_)),
      acceptor_([this](int socket, int connection) { serve(socket, connection); }) {}

ScriptedServer::ScriptedServer(std::vector<Answer> answers, ServerOptions options)
    : ScriptedServer(
          [answers = std::move(answers)](const Received&, int number) {
            return answers.at(std::min<size_t>(static_cast<size_t>(number), answers.size()) - 1);
          },
          std::move(options)) {}

std::string ScriptedServer::url(const std::string& path) const {
  return (options_.tls ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(port()) +
         path;
}

std::vector<Received> ScriptedServer::received() const {
  const std::lock_guard lock(mutex_);
  return received_;
}

std::string ScriptedServer::client_name() const {
  const std::lock_guard lock(mutex_);
  return client_name_;
}

void ScriptedServer::serve(int socket, int connection) {
  Peer peer(socket, tls_.get(), acceptor_.ending());
  if (!peer.handshake()) return;
  std::string buffer;
  for (;;) {
    auto received = take_head(buffer);
    if (!received) {
      if (!peer.read_more(buffer)) return;
      continue;
    }
    const auto length = received->headers.find("content-length");
    const size_t size = length == received->headers.end() ? 0 : std::stoul(length->second);
    while (buffer.size() < size)
      if (!peer.read_more(buffer)) return;
    received->body = buffer.substr(0, size);
    buffer.erase(0, size);
    received->connection = connection;
    int number = 0;
    {
      const std::lock_guard lock(mutex_);
      received_.push_back(*received);
      number = static_cast<int>(received_.size());
      client_name_ = peer.client_name();
    }
    if (!reply(peer, script_(*received, number))) return;
  }
}

/// False if the connection is to end.
bool ScriptedServer::reply(Peer& peer, const Answer& answer) {
  wait(answer.pause);
  if (answer.status != 0) {
    if (!peer.write(head_of(answer))) return false;
    if (answer.talk) talk(peer, answer);
    if (answer.pieces.empty() && !peer.write(answer.body)) return false;
    for (const auto& piece : answer.pieces) {
      if (!peer.write(chunk(piece))) return false;
      wait(answer.pause);
    }
    if (!answer.pieces.empty() && answer.end == Answer::End::keep && !peer.write("0\r\n\r\n"))
      return false;
  }
  if (answer.end == Answer::End::reset) peer.reset();
  if (answer.end == Answer::End::hang) wait(std::chrono::hours(1));
  return answer.end == Answer::End::keep && !answer.talk;
}

void ScriptedServer::talk(Peer& peer, const Answer& answer) {
  Raw raw{[&peer](std::string& buffer) { return peer.read_more(buffer); },
          [&peer](std::string_view bytes) { return peer.write(bytes); }};
  answer.talk(raw);
}

void ScriptedServer::wait(Milliseconds duration) const {
  const auto end = std::chrono::steady_clock::now() + duration;
  while (!acceptor_.ending() && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(std::min(duration, Milliseconds(5)));
}

}  // namespace lotse::test
