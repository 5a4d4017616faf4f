#include "kube/watch.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/log.h"
#include "base/strings.h"
#include "kube/status.h"
#include "net/retry.h"

namespace lotse::kube {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds first_pause{800};
constexpr milliseconds longest_pause{30'000};
constexpr seconds healthy{120};
constexpr seconds silence{600};  // the server ends every watch sooner than that
constexpr int done = 200;

std::string version_in(const json& object) {
  const json::json_pointer at("/metadata/resourceVersion");
  return object.contains(at) && object.at(at).is_string() ? object.at(at).get<std::string>() : "";
}

/// A number of a Status; 0 if it is not there or something else.
int number_in(const json& object, const char* pointer) {
  const json::json_pointer at(pointer);
  return object.contains(at) && object.at(at).is_number_integer() ? object.at(at).get<int>() : 0;
}

}  // namespace

Watch::Watch(Client& client, Call call, std::string version, WatchHandler handler,
             base::Clock& clock)
    : client_(client),
      call_(std::move(call)),
      version_(std::move(version)),
      handler_(std::move(handler)),
      clock_(clock),
      pause_(first_pause / 2) {}

Watch::~Watch() {
  if (stream_) client_.transport().close(*stream_);
}

void Watch::open() {
  if (version_.empty() || version_ == "0")  // would bring everything again, and leave gaps
    throw base::Error(base::ErrorKind::failed,
                      call_.path + ": the server's list has no version to watch from");
  decoder_ = {};
  head_ = {};
  brought_ = false;
  asked_to_wait_ = {};
  opened_ = clock_.now();
  net::StreamHandler handler;
  handler.on_head = [this](const net::Response& head) { head_ = head; };
  handler.on_data = [this](std::string_view bytes) { read(bytes); };
  handler.on_end = [this](const std::optional<net::Failure>& failure) { ended(failure); };
  auto call = call_;
  call.query.emplace_back("resourceVersion", version_);
  stream_ = client_.open(call, std::move(handler), silence);
  credentials_serial_ = client_.credentials_serial();
}

void Watch::read(std::string_view bytes) {
  if (head_.status != done) {
    head_.body += bytes;
    return;
  }
  try {
    decoder_.feed(bytes, [this](WatchEvent event) {
      if (stream_) take(std::move(event));
    });
  } catch (const base::Error& error) {
    base::log_debug(1, error.what());
    must_relist_ = true;
    leave();
  }
}

void Watch::take(WatchEvent event) {
  if (event.type == "ERROR") {
    must_relist_ = number_in(event.object, "/code") == gone;
    asked_to_wait_ = seconds(number_in(event.object, "/details/retryAfterSeconds"));
    return leave();
  }
  const auto version = version_in(event.object);
  if (version.empty()) {  // going on from an older version would bring transitions twice
    must_relist_ = true;
    return leave();
  }
  brought_ = true;
  version_ = version;
  if (event.type != "BOOKMARK") handler_.on_event(std::move(event));
}

/// Closes the stream from within its own handler.
void Watch::leave() {
  if (stream_) client_.transport().close(*stream_);
  ended({});
}

void Watch::ended(const std::optional<net::Failure>& failure) {
  stream_.reset();
  if (failure) base::log_debug(1, "watching " + call_.path + ": " + failure->message);
  must_relist_ = must_relist_ || head_.status == gone;
  refused_ = head_.status == forbidden || head_.status == unauthorized;
  // A watch that brought something was a good one, however soon a proxy cut it.
  const bool good = brought_ || clock_.now() - opened_ > healthy;
  pause_ = good ? first_pause : std::min(pause_ * 2, longest_pause);
  tell_if_busy();
  const seconds asked(net::retry_after(head_).value_or(0));
  due_ = clock_.now() +
         std::max({milliseconds(pause_), milliseconds(asked), milliseconds(asked_to_wait_)});
}

void Watch::tell_if_busy() {
  if (head_.status == done) told_ = false;
  if (head_.status != too_many_requests || std::exchange(told_, true)) return;
  base::log_warning(base::cat(busy_words(head_), " to watching ", call_.path, "; waiting for it"));
}

void Watch::tend() {
  if (stream_ || clock_.now() < due_) return;
  if (refused_ &&
      (head_.status == forbidden || !client_.can_renew_credentials(credentials_serial_)))
    throw client_.refusal(call_, head_);
  try {
    if (must_relist_) version_ = handler_.relist();
    must_relist_ = false;
  } catch (const base::Error& error) {
    if (error.kind() != base::ErrorKind::unreachable) throw;
    pause_ = std::min(pause_ * 2, longest_pause);
    due_ = clock_.now() + pause_;
    return;
  }
  open();
}

}  // namespace lotse::kube
