#include "base/output.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <string>

#include "base/error.h"

namespace lotse::base {

namespace {
std::atomic<bool> failed = false;
}

void reserve_standard_streams() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    // The wrong way round: reading and writing fail as they would on what is closed. open() gives
    // the lowest number that is free, which is this one.
    if (::fcntl(fd, F_GETFD) < 0)
      (void)::open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

bool write_output(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(STDOUT_FILENO, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {  // another program made the terminal or pipe non-blocking
      pollfd waiting = {STDOUT_FILENO, POLLOUT, 0};
      ::poll(&waiting, 1, -1);
    } else if (errno == EPIPE) {
      return false;
    } else if (errno != EINTR) {
      const std::string reason = std::strerror(errno);
      failed = true;
      throw Error(ErrorKind::failed, "cannot write to standard output: " + reason);
    }
  }
  return true;
}

bool output_failed() {
  return failed;
}

}  // namespace lotse::base
