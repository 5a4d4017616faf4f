#include "base/interrupt.h"
#include "base/log.h"
#include "base/strings.h"
#include "kube/log_request.h"
#include "kube/logs.h"

namespace lotse::kube {

namespace {

/// One stream of a log, which is closed with it.
class Tail {
 public:
  Tail(Client& client, const Call& call, std::chrono::milliseconds patience) : client_(client) {
    net::StreamHandler handler;
    handler.on_head = [this](const net::Response& head) { ok_ = head.ok(); };
    handler.on_data = [this](std::string_view bytes) { text_ += bytes; };
    handler.on_end = [this](const std::optional<net::Failure>& failure) {
      ended_ = true;
      ok_ = ok_ && !failure;
    };
    stream_ = client.open(call, std::move(handler), patience);
  }
  ~Tail() {
    if (!ended_) client_.transport().close(stream_);
  }
  Tail(const Tail&) = delete;
  Tail& operator=(const Tail&) = delete;

  void wait(std::chrono::milliseconds patience) {
    using Clock = std::chrono::steady_clock;
    constexpr size_t most_bytes = 1 << 20;
    const auto end = Clock::now() + patience;
    while (!ended_ && text_.size() < most_bytes && !base::interrupted()) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now());
      if (left.count() <= 0) return;
      client_.transport().poll(left);
    }
  }

  bool is_whole() const { return ended_ && ok_; }
  const std::string& text() const { return text_; }

 private:
  Client& client_;
  net::Transport::Stream stream_{};
  std::string text_;
  bool ok_ = false;
  bool ended_ = false;
};

}  // namespace

std::vector<object::LogLine> last_lines(Client& client, const std::string& pod,
                                        const std::string& container, int64_t count,
                                        std::chrono::milliseconds patience) {
  LogOptions query;
  query.tail = count;
  Tail tail(client, log_call(client.name_space(), pod, container, query, ""), patience);
  tail.wait(patience);
  std::vector<object::LogLine> lines;
  if (!tail.is_whole()) {
    base::log_debug(1, "the log of pod/" + pod + " does not come");
    return lines;
  }
  for (const auto& line : base::split(tail.text(), '\n'))
    if (const auto space = line.find(' '); space != std::string::npos)
      lines.push_back({pod, {}, line.substr(0, space), line.substr(space + 1), container});
  return lines;
}

}  // namespace lotse::kube
