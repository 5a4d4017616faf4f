#include "cli/output/terminal.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/error.h"

namespace lotse::cli {

namespace {

constexpr int fatal_signals[] = {SIGHUP, SIGQUIT, SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGPIPE};

// What the signal handlers need.
termios before = {};
int raw_fd = -1;
int resize_pipe[2] = {-1, -1};

void restore() {
  if (raw_fd >= 0) ::tcsetattr(raw_fd, TCSANOW, &before);
}

void on_fatal(int signal_number) {
  restore();
  ::signal(signal_number, SIG_DFL);
  ::raise(signal_number);
}

void on_resize(int) {
  const char byte = 0;
  [[maybe_unused]] const ssize_t ignored = ::write(resize_pipe[1], &byte, 1);
}

void handle(int signal_number, void (*handler)(int)) {
  struct sigaction action = {};
  action.sa_handler = handler;
  ::sigaction(signal_number, &action, nullptr);
}

}  // namespace

std::pair<int, int> terminal_size(int fd) {
  winsize size = {};
  if (::ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return {80, 24};
  return {size.ws_col, size.ws_row};
}

RawTerminal::RawTerminal(int fd) : fd_(fd) {
  if (::tcgetattr(fd, &before) != 0 || ::pipe2(resize_pipe, O_CLOEXEC | O_NONBLOCK) != 0)
    throw base::Error(base::ErrorKind::failed,
                      std::string("cannot use the terminal: ") + std::strerror(errno));
  raw_fd = fd;
  for (const int each : fatal_signals) handle(each, on_fatal);
  handle(SIGWINCH, on_resize);
  termios raw = before;
  ::cfmakeraw(&raw);
  ::tcsetattr(fd, TCSANOW, &raw);
}

RawTerminal::~RawTerminal() {
  restore();
  raw_fd = -1;
  for (const int each : fatal_signals) handle(each, SIG_DFL);
  handle(SIGWINCH, SIG_DFL);
  for (const int end : resize_pipe) ::close(end);
}

int RawTerminal::resized() const {
  return resize_pipe[0];
}

}  // namespace lotse::cli
