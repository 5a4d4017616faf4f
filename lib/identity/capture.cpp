#include "identity/capture.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

#include "base/descriptor.h"
#include "base/error.h"
#include "base/interrupt.h"
#include "base/process.h"

namespace lotse::identity {

namespace {

using base::Error;
using base::ErrorKind;
using Steady = std::chrono::steady_clock;
using base::Descriptor;
using std::chrono::milliseconds;

constexpr std::size_t most_output = 1 << 20;
constexpr milliseconds grace{100};  // between SIGTERM and SIGKILL
constexpr milliseconds tick{50};    // a child of the program may keep its output open

/// Where a terminal is at hand the program stays in its foreground, as what it starts may ask the
/// user; elsewhere it leads a session, so that it can be ended with all that it started.
class Running {
 public:
  Running(const Capture& capture, int output, int input) : alone_(::isatty(STDIN_FILENO) == 0) {
    base::Command command;
    command.arguments = capture.arguments;
    command.environment = capture.environment;
    command.output = output;
    command.input = input;
    command.new_session = alone_ && !capture.terminal;
    alone_ = command.new_session;
    command.die_with_parent = true;
    process_.emplace(base::Process::start(command));
  }
  ~Running() {
    if (!process_->poll()) stop();
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  base::Process& process() { return *process_; }

  void stop() {
    send(SIGTERM);
    const auto end = Steady::now() + grace;
    while (!process_->poll() && Steady::now() < end) std::this_thread::sleep_for(milliseconds(5));
    send(SIGKILL);
    process_->wait();
  }

 private:
  void send(int signal_number) {
    if (alone_)
      process_->send_group(signal_number);
    else
      process_->send(signal_number);
  }

  bool alone_;
  std::optional<base::Process> process_;
};

/// Reads what is there; false at the end of the output.
bool read_some(int fd, std::string& output) {
  char bytes[16384];
  const auto count = ::read(fd, bytes, sizeof bytes);
  if (count < 0) return errno == EAGAIN || errno == EINTR;
  output.append(bytes, static_cast<std::size_t>(count));
  if (output.size() > most_output)
    throw Error(ErrorKind::failed, "a credential plug-in printed more than a megabyte");
  return count > 0;
}

/// Waits for output or a signal; true if there is output (or its end).
bool wait_for_output(int fd, milliseconds longest) {
  pollfd waiting[] = {{fd, POLLIN, 0}, {base::interrupt_fd(), POLLIN, 0}};
  ::poll(waiting, waiting[1].fd >= 0 ? 2 : 1, static_cast<int>(longest.count()));
  base::throw_if_interrupted();
  return waiting[0].revents != 0;
}

/// Waits for the program's end after that of its output.
void pause(bool over) {
  if (!over) base::wait_interruptible(milliseconds(1));
  base::throw_if_interrupted();
}

}  // namespace

Captured run(const Capture& capture) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw Error(ErrorKind::failed, "pipe: no descriptor is left");
  const Descriptor output(ends[0]);
  Descriptor into(ends[1]);
  const Descriptor nothing(capture.terminal ? -1 : ::open("/dev/null", O_RDONLY | O_CLOEXEC));
  Running running(capture, into.get(), nothing.get());
  into.reset();
  ::fcntl(output.get(), F_SETFL, O_NONBLOCK);
  Captured captured;
  const auto end = Steady::now() + capture.timeout;
  for (bool open = true, over = false; open || !over;) {
    const auto left = std::chrono::duration_cast<milliseconds>(end - Steady::now());
    if (left <= milliseconds(0)) {
      captured.timed_out = true;
      return captured;
    }
    over = running.process().poll().has_value();
    if (!open)
      pause(over);
    else if (wait_for_output(output.get(), over ? milliseconds(0) : std::min(left, tick)))
      open = read_some(output.get(), captured.output);
    else
      open = !over;
  }
  captured.code = running.process().wait().code;
  return captured;
}

}  // namespace lotse::identity
