#include "kube/patience.h"

#include <algorithm>

#include "base/interrupt.h"
#include "base/log.h"
#include "base/strings.h"
#include "kube/status.h"
#include "net/retry.h"

namespace lotse::kube {

namespace {

constexpr std::chrono::seconds longest{120};
constexpr std::chrono::seconds longest_pause{8};

}  // namespace

bool Patience::waits_out(const net::Response& answer) {
  if (answer.status != too_many_requests) return false;
  const auto asked = net::retry_after(answer);
  const auto wait = asked ? std::chrono::seconds(*asked) : pause_;
  if (clock_.now() + wait - begun_ > longest) return false;
  if (!told_)
    base::log_warning(
        base::cat(busy_words(answer), "; waiting for it, at most ", longest.count(), " s"));
  told_ = true;
  pause_ = std::min(pause_ * 2, longest_pause);
  clock_.sleep(wait);
  base::throw_if_interrupted();
  return true;
}

}  // namespace lotse::kube
