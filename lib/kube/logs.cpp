#include "kube/logs.h"

#include <algorithm>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "kube/log_request.h"
#include "kube/status.h"
#include "object/member.h"
#include "object/reference.h"

namespace lotse::kube {

namespace {

/// The log of one container as it is now, over as many streams as it takes.
class OneLog {
 public:
  OneLog(Client& client, std::string pod, std::string container, const LogOptions& query,
         const LogSink& sink)
      : client_(client),
        pod_(std::move(pod)),
        container_(std::move(container)),
        query_(query),
        cursor_(query.tail.has_value()),
        line_([this, &sink](const std::string& time, const std::string& text) {
          sink({.pod = pod_, .time = time, .text = text, .container = container_});
        }) {}

  void read() {
    for (int attempt = 1; !read_stream(); ++attempt) {
      const bool no_server = attempt == 1 && failure_->stage == net::Failure::Stage::connect;
      if (attempt == most_streams || no_server) throw_failure();
      base::log_debug(1, "the log of pod/" + pod_ + ": " + failure_->message);
      base::wait_interruptible(pause_between_tries);
      base::throw_if_interrupted();
    }
    if (head_.status == unauthorized &&
        client_.can_renew_credentials(client_.credentials_serial())) {
      head_ = {};
      return read();
    }
    if (head_.ok()) return;
    const auto error = error_of({}, head_);
    if (error.kind() == base::ErrorKind::denied) throw base::Error(error);
    base::log_warning("the log of pod/" + pod_ + ": " + error.what());
  }

 private:
  static constexpr int most_streams = 10;
  static constexpr std::chrono::milliseconds pause_between_tries{500};
  static constexpr std::chrono::seconds longest_silence{60};

  /// False if it was cut.
  bool read_stream() {
    bool ended = false;
    net::StreamHandler handler;
    handler.on_head = [this](const net::Response& head) { head_ = head; };
    handler.on_data = [this](std::string_view bytes) {
      if (head_.ok())
        cursor_.feed(bytes, line_, {});
      else
        head_.body += bytes;
    };
    handler.on_end = [&](const std::optional<net::Failure>& failure) {
      ended = true;
      failure_ = failure;
    };
    const auto call = log_call(client_.name_space(), pod_, container_, query_, cursor_.resume_at());
    const auto stream = client_.open(call, std::move(handler), longest_silence);
    while (!ended) {
      client_.transport().poll(std::chrono::seconds(1));
      if (!base::interrupted()) continue;
      client_.transport().close(stream);
      base::throw_if_interrupted();
    }
    cursor_.end(!failure_, line_);
    return !failure_;
  }

  [[noreturn]] void throw_failure() const {
    net::Request request;
    request.url = client_.settings().server;
    throw net::TransportError(request, *failure_);
  }

  Client& client_;
  std::string pod_;
  std::string container_;
  const LogOptions& query_;
  LogCursor cursor_;
  LogCursor::Sink line_;
  net::Response head_;
  std::optional<net::Failure> failure_;
};

}  // namespace

void read_logs(Client& client, const Selector& selector, const PodFilter& filter,
               const LogOptions& query, const LogSink& sink, const std::function<bool()>& ended) {
  if (query.follow && !query.previous) {
    follow_logs(client, selector, filter, query, sink, ended);
    return;
  }
  LogOptions once = query;
  once.follow = false;
  auto all = client.list(pods(), selector).items;
  const auto age = [](const json& pod) {
    return object::text_at(pod, {"metadata", "creationTimestamp"});
  };
  std::stable_sort(all.begin(), all.end(),
                   [&](const json& a, const json& b) { return age(a) < age(b); });
  std::erase_if(all, [&](const json& pod) { return !filter(pod); });
  for (const auto& pod : all)
    for (const auto& container : containers_of(pod))
      OneLog(client, object::name_of(pod), container, once, sink).read();
}

}  // namespace lotse::kube
