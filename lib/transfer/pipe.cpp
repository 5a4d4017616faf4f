#include "transfer/pipe.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/error.h"
#include "base/interrupt.h"

namespace lotse::transfer {

namespace {

[[noreturn]] void fail(const char* what) {
  throw base::Error(base::ErrorKind::failed,
                    std::string(what) + " the other side: " + std::strerror(errno));
}

}  // namespace

std::size_t DescriptorPipe::read(char* into, std::size_t room) {
  for (;;) {
    base::throw_if_interrupted();
    const ssize_t count = ::read(in_, into, room);
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EINTR) fail("cannot read from");
  }
}

void DescriptorPipe::write(std::string_view bytes) {
  while (!bytes.empty()) {
    base::throw_if_interrupted();
    ssize_t count = ::send(out_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count < 0 && errno == ENOTSOCK) count = ::write(out_, bytes.data(), bytes.size());
    if (count < 0 && errno != EINTR) fail("cannot write to");
    if (count > 0) bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

std::size_t LineReader::read(char* into, std::size_t room) {
  if (at_ == buffer_.size()) return pipe_.read(into, room);
  const auto count = buffer_.copy(into, room, at_);
  at_ += count;
  return count;
}

std::string LineReader::line(std::size_t most) {
  constexpr std::size_t piece = 65536;
  std::size_t searched = at_;
  for (;;) {
    const auto end = buffer_.find('\n', searched);
    if (end != std::string::npos) {
      const std::size_t begin = std::exchange(at_, end + 1);
      return buffer_.substr(begin, end - begin);
    }
    buffer_.erase(0, std::exchange(at_, 0));
    if (buffer_.size() > most)
      throw base::Error({{"the other side", "sent a line that is too long", ""}});
    searched = buffer_.size();
    buffer_.resize(searched + piece);
    const auto count = pipe_.read(buffer_.data() + searched, piece);
    buffer_.resize(searched + count);
    if (count == 0) throw base::Error(base::ErrorKind::failed, "the other side ended too early");
  }
}

}  // namespace lotse::transfer
