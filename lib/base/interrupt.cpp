#include "base/interrupt.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <limits>
#include <thread>

#include "base/clock.h"
#include "base/error.h"

namespace lotse::base {

namespace {

volatile sig_atomic_t received = 0;
int wake_pipe[2] = {-1, -1};

void on_signal(int signal_number) {
  if (received == SIGINT && signal_number == SIGINT) ::_exit(130);
  received = signal_number;
  const char byte = 0;
  [[maybe_unused]] const ssize_t ignored = ::write(wake_pipe[1], &byte, 1);
}

}  // namespace

void install_interrupt_handlers(Hangup hangup) {
  if (wake_pipe[0] >= 0 || ::pipe2(wake_pipe, O_CLOEXEC | O_NONBLOCK) != 0) return;
  struct sigaction action = {};
  action.sa_handler = on_signal;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  struct sigaction before = {};
  if (hangup == Hangup::interrupts && ::sigaction(SIGHUP, nullptr, &before) == 0 &&
      before.sa_handler != SIG_IGN)
    ::sigaction(SIGHUP, &action, nullptr);
}

bool interrupted() {
  return received != 0;
}
int interrupt_signal() {
  return received;
}
int interrupt_fd() {
  return wake_pipe[0];
}

void throw_if_interrupted() {
  if (interrupted()) throw Error(ErrorKind::interrupted, "interrupted");
}

void forget_interrupt() {
  char ignored[64];
  while (wake_pipe[0] >= 0 && ::read(wake_pipe[0], ignored, sizeof ignored) > 0) {
  }
  received = 0;
}

bool wait_interruptible(std::chrono::milliseconds duration) {
  if (interrupted()) return true;
  if (wake_pipe[0] < 0) {
    std::this_thread::sleep_for(duration);
    return false;
  }
  pollfd waiting = {wake_pipe[0], POLLIN, 0};
  const auto longest = std::chrono::milliseconds(std::numeric_limits<int>::max());
  ::poll(&waiting, 1, static_cast<int>(std::min(duration, longest).count()));
  return interrupted();
}

namespace {
class SystemClock : public Clock {
 public:
  Time now() override { return std::chrono::steady_clock::now(); }
  void sleep(Duration duration) override {
    wait_interruptible(std::chrono::ceil<std::chrono::milliseconds>(duration));
  }
};
}  // namespace

Clock& system_clock() {
  static SystemClock clock;
  return clock;
}

std::string timestamp_now() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm utc = {};
  ::gmtime_r(&now, &utc);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text;
}

}  // namespace lotse::base
