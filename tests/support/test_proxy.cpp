#include "support/test_proxy.h"

#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace lotse::test {

namespace {

sockaddr_in loopback(int port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  return address;
}

}  // namespace

/// One client, with or without TLS.
class TestProxy::Client {
 public:
  Client(int socket, SSL_CTX* context) : socket_(socket) {
    const timeval limit = {10, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    if (context == nullptr) return;
    ssl_ = SSL_new(context);
    SSL_set_fd(ssl_, socket_);
    good_ = SSL_accept(ssl_) == 1;
  }
  ~Client() {
    SSL_free(ssl_);
    ::close(socket_);
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  bool good() const { return good_; }
  int socket() const { return socket_; }
  bool has_more() const { return ssl_ != nullptr && SSL_pending(ssl_) > 0; }
  long read(char* bytes, int room) {
    return ssl_ != nullptr ? SSL_read(ssl_, bytes, room)
                           : ::recv(socket_, bytes, static_cast<size_t>(room), 0);
  }
  void write(const char* bytes, long count) {
    if (ssl_ != nullptr)
      SSL_write(ssl_, bytes, static_cast<int>(count));
    else
      ::send(socket_, bytes, static_cast<size_t>(count), MSG_NOSIGNAL);
  }
  void write(const std::string& text) { write(text.data(), static_cast<long>(text.size())); }
  /// Exactly so many bytes; fewer at the end.
  std::string take(size_t count) {
    std::string text;
    char byte = 0;
    while (text.size() < count && read(&byte, 1) == 1) text += byte;
    return text;
  }

 private:
  int socket_;
  SSL* ssl_ = nullptr;
  bool good_ = true;
};

TestProxy::TestProxy(int target_port, ProxyOptions options)
    : target_port_(target_port),
      options_(std::move(options)),
      tls_(options_.kind == ProxyOptions::Kind::connect_by_tls
               ? server_context(options_.certificates)
               : TlsContext(nullptr, SSL_CTX_free)),
      acceptor_([this](int socket, int) { serve(socket); }) {}

std::vector<std::string> TestProxy::asked() const {
  const std::lock_guard lock(mutex_);
  return asked_;
}

std::string TestProxy::heads() const {
  const std::lock_guard lock(mutex_);
  return heads_;
}

void TestProxy::serve(int socket) {
  Client client(socket, tls_.get());
  if (!client.good()) return;
  const auto target =
      options_.kind == ProxyOptions::Kind::socks5 ? take_socks(client) : take_connect(client);
  if (target.empty()) return;
  {
    const std::lock_guard lock(mutex_);
    asked_.push_back(target);
  }
  if (!options_.refuses) tunnel(client);
}

/// RFC 9110 section 9.3.6.
std::string TestProxy::take_connect(Client& client) {
  std::string head;
  while (head.find("\r\n\r\n") == std::string::npos) {
    const auto byte = client.take(1);
    if (byte.empty()) return "";
    head += byte;
  }
  {
    const std::lock_guard lock(mutex_);
    heads_ += head;
  }
  client.write(options_.refuses ? "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"
                                : "HTTP/1.1 200 Connection established\r\n\r\n");
  const auto begin = head.find(' ') + 1;
  return head.substr(begin, head.find(' ', begin) - begin);
}

/// RFC 1928.
std::string TestProxy::take_socks(Client& client) {
  const auto greeting = client.take(2);
  if (greeting.size() < 2) return "";
  client.take(static_cast<unsigned char>(greeting[1]));
  client.write(std::string("\x05\x00", 2));
  const auto request = client.take(4);
  if (request.size() < 4) return "";
  const bool by_name = request[3] == 3;
  const auto size = by_name ? static_cast<unsigned char>(client.take(1).at(0)) : 4;
  const auto host = client.take(static_cast<size_t>(size));
  const auto port = client.take(2);
  client.write(std::string("\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00", 10));
  const int number =
      static_cast<unsigned char>(port.at(0)) * 256 + static_cast<unsigned char>(port.at(1));
  return (by_name ? host : "address") + ":" + std::to_string(number);
}

void TestProxy::tunnel(Client& client) const {
  const int target = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto address = loopback(target_port_);
  bool open = ::connect(target, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  char bytes[16384];
  while (open && !acceptor_.ending()) {
    pollfd waiting[] = {{client.socket(), POLLIN, 0}, {target, POLLIN, 0}};
    if (!client.has_more()) ::poll(waiting, 2, 20);
    if (client.has_more() || waiting[0].revents != 0) {
      const auto count = client.read(bytes, sizeof bytes);
      open = count > 0 && ::send(target, bytes, static_cast<size_t>(count), MSG_NOSIGNAL) == count;
    }
    if (open && waiting[1].revents != 0) {
      const auto count = ::recv(target, bytes, sizeof bytes, 0);
      open = count > 0;
      if (open) client.write(bytes, count);
    }
  }
  ::close(target);
}

}  // namespace lotse::test
