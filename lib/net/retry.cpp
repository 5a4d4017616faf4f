#include "net/retry.h"

#include <charconv>

#include "base/interrupt.h"
#include "base/log.h"
#include "base/strings.h"

namespace lotse::net {

namespace {

constexpr int most_requests = 10;

/// Seconds to wait as the server asks; nothing if it does not, or gives a date, which client-go
/// does not take for a wish to be asked again either.
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

}  // namespace

Response RetryTransport::send(const Request& request) {
  for (int attempt = 1;; ++attempt) {
    int wait = 1;
    try {
      Response response = inner_.send(request);
      response.attempts = attempt;
      const auto asked = retry_after(response);
      if (!asked || attempt == most_requests) return response;
      wait = *asked;
      base::log_debug(
          1, base::cat("the server answered ", response.status, " and asks to wait ", wait, " s"));
    } catch (const TransportError& error) {
      const bool broke_off = error.failure().stage == Failure::Stage::exchange;
      if (request.method != "GET" || !broke_off || attempt == most_requests) throw;
      base::log_debug(1, error.what());
    }
    clock_.sleep(std::chrono::seconds(wait));
    base::throw_if_interrupted();
  }
}

}  // namespace lotse::net
