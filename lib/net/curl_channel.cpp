#include "net/curl_channel.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <deque>

#include "base/interrupt.h"
#include "net/libcurl.h"

namespace lotse::net {

namespace {

class CurlChannel : public Channel {
 public:
  CurlChannel(CURL* easy, std::shared_ptr<void> options, Request request)
      : options_(std::move(options)), request_(std::move(request)), easy_(easy) {
    curl().set(easy_, CURLOPT_CONNECT_ONLY, 1L);
    curl().set(easy_, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    curl().set(easy_, CURLOPT_HTTPPROXYTUNNEL, 1L);  // an HTTP proxy cannot forward a WebSocket
    curl().set(easy_, CURLOPT_ERRORBUFFER, error_);
    curl().multi_add_handle(multi_, easy_);
  }

  ~CurlChannel() override {
    curl().multi_remove_handle(multi_, easy_);
    curl().easy_cleanup(easy_);
    curl().multi_cleanup(multi_);
  }
  CurlChannel(const CurlChannel&) = delete;
  CurlChannel& operator=(const CurlChannel&) = delete;

  void connect() {
    constexpr int longest_wait_ms = 1000;
    int running = 1;
    while (running != 0) {
      curl().multi_perform(multi_, &running);
      if (running == 0) break;
      curl_waitfd signal{base::interrupt_fd(), CURL_WAIT_POLLIN, 0};
      curl().multi_poll(multi_, &signal, signal.fd >= 0 ? 1 : 0, longest_wait_ms, nullptr);
      base::throw_if_interrupted();
    }
    int left = 0;
    const CURLMsg* message = curl().multi_info_read(multi_, &left);
    if (message != nullptr && message->data.result != CURLE_OK)
      fail(Failure::Stage::connect, message->data.result);
    curl().easy_getinfo(easy_, CURLINFO_ACTIVESOCKET, &socket_);
    // With the idle time and interval that libcurl was given, a dead peer is noticed in a minute.
    constexpr int probes = 4;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
  }

  int descriptor() const override { return socket_; }

  std::optional<std::string> read() override {
    constexpr std::size_t most = 65536;
    std::string bytes(most, '\0');
    std::size_t count = 0;
    const CURLcode code = curl().easy_recv(easy_, bytes.data(), bytes.size(), &count);
    if (code == CURLE_AGAIN) return "";
    if (code != CURLE_OK) fail(Failure::Stage::exchange, code);
    if (count == 0) return {};
    bytes.resize(count);
    return bytes;
  }

  void write(std::string bytes) override {
    if (!bytes.empty()) waiting_.push_back(std::move(bytes));
  }

  /// TLS wants a write that could not be finished repeated with the same bytes at the same place:
  /// what waits in the deque does not move.
  std::size_t flush() override {
    while (!waiting_.empty()) {
      const std::string& bytes = waiting_.front();
      std::size_t count = 0;
      const CURLcode code =
          curl().easy_send(easy_, bytes.data() + sent_, bytes.size() - sent_, &count);
      if (code != CURLE_OK && code != CURLE_AGAIN) fail(Failure::Stage::exchange, code);
      if (code == CURLE_AGAIN) break;
      sent_ += count;
      if (sent_ < bytes.size()) continue;
      waiting_.pop_front();
      sent_ = 0;
    }
    std::size_t left = 0;
    for (const auto& bytes : waiting_) left += bytes.size();
    return left - sent_;
  }

 private:
  [[noreturn]] void fail(Failure::Stage stage, CURLcode code) {
    throw TransportError(request_,
                         {stage, error_[0] != '\0' ? error_ : curl().easy_strerror(code)});
  }

  std::shared_ptr<void> options_;
  Request request_;
  CURL* easy_;
  CURLM* multi_ = curl().multi_init();
  curl_socket_t socket_ = CURL_SOCKET_BAD;
  std::deque<std::string> waiting_;
  std::size_t sent_ = 0;  // of waiting_.front()
  char error_[CURL_ERROR_SIZE] = {};
};

}  // namespace

std::unique_ptr<Channel> open_channel(CURL* easy, std::shared_ptr<void> options,
                                      const Request& request) {
  auto channel = std::make_unique<CurlChannel>(easy, std::move(options), request);
  channel->connect();
  return channel;
}

}  // namespace lotse::net
