#include "net/retry.h"

#include <charconv>

#include "base/interrupt.h"
#include "base/log.h"
#include "base/strings.h"

namespace lotse::net {

namespace {

constexpr int most_requests = 10;

/// Adds what happened to the requests before to the last one's message: "\n  before that: ...".
std::string earlier(const std::string& previous) {
  return previous.empty() ? "" : "\n  before that: " + previous;
}

}  // namespace

std::optional<int> retry_after(const Response& response) {
  if (response.status != 429 && response.status < 500) return {};
  const auto found = response.headers.find("retry-after");
  if (found == response.headers.end()) return {};
  int seconds = 0;
  const auto& text = found->second;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size() || seconds < 0) return {};
  return seconds;
}

void RetryTransport::tell(const Response& response, int seconds) {
  if (response.status == 429 && !told_)
    base::log_warning(base::cat(server_busy,
                                ": the server answers 429 (too many requests) and asks ",
                                "to wait ", seconds, " s; waiting for it"));
  told_ = response.status == 429;
}

Response RetryTransport::send(const Request& request) {
  std::string previous;
  for (int attempt = 1;; ++attempt) {
    int wait = 1;
    try {
      Response response = inner_.send(request);
      response.attempts = attempt;
      const auto asked = retry_after(response);
      if (response.ok()) told_ = false;
      if (!asked || attempt == most_requests) return response;
      wait = *asked;
      tell(response, wait);
      previous =
          base::cat("the server answered ", response.status, " and asked to wait ", wait, " s");
    } catch (const TransportError& error) {
      const auto& failed = error.failure();
      const bool broke_off = failed.stage == Failure::Stage::exchange || failed.reset;
      const bool again = request.method == "GET" && broke_off && attempt < most_requests;
      if (!again && attempt == 1) throw;
      if (!again) {
        auto failure = error.failure();
        failure.message += base::cat(" (request ", attempt, " of ", most_requests, ")");
        failure.message += earlier(previous);
        throw TransportError(request, failure);
      }
      previous = error.what();
    }
    base::log_debug(1, previous);
    clock_.sleep(std::chrono::seconds(wait));
    base::throw_if_interrupted();
  }
}

}  // namespace lotse::net
