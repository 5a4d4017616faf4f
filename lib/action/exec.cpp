#include "action/exec.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "action/cluster.h"
#include "base/error.h"
#include "base/interrupt.h"
#include "base/strings.h"
#include "kube/exec.h"

namespace lotse::action {

namespace {

using base::Error;
using base::ErrorKind;

constexpr std::size_t most_unsent = 1 << 20;  // above it the input is not read
constexpr std::chrono::seconds longest_wait{1};

void write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    base::throw_if_interrupted();
    const ssize_t count = ::write(fd, bytes.data(), bytes.size());
    if (count < 0 && errno == EAGAIN) {
      pollfd waiting[] = {{fd, POLLOUT, 0}, {base::interrupt_fd(), POLLIN, 0}};
      ::poll(waiting, 2, -1);
    } else if (count < 0 && errno != EINTR) {
      throw Error(ErrorKind::failed,
                  std::string("cannot write the command's output: ") + std::strerror(errno));
    }
    if (count > 0) bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

class Session {
 public:
  Session(kube::Exec& command, const ExecEnds& ends)
      : command_(command), ends_(ends), input_(ends.input) {}

  void run() {
    const kube::Exec::Sinks sinks{
        [this](std::string_view bytes) { write_all(ends_.output, bytes); },
        [this](std::string_view bytes) { write_all(ends_.error, bytes); }};
    if (ends_.size) resize();
    while (command_.step(sinks)) {
      std::vector<pollfd> waiting = {{command_.unsent() < most_unsent ? input_ : -1, POLLIN, 0},
                                     {ends_.resized, POLLIN, 0}};
      command_.wait(waiting, longest_wait);
      base::throw_if_interrupted();
      if (waiting[0].revents != 0) read_input();
      if (waiting[1].revents != 0) resize();
    }
  }

 private:
  void read_input() {
    char bytes[32768];
    const ssize_t count = ::read(input_, bytes, sizeof bytes);
    if (count > 0) return command_.write({bytes, static_cast<std::size_t>(count)});
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) return;
    command_.end_input();
    input_ = -1;
  }

  void resize() {
    char ignored[64];
    while (ends_.resized >= 0 && ::read(ends_.resized, ignored, sizeof ignored) > 0) {
    }
    const auto [columns, rows] = ends_.size();
    command_.resize(columns, rows);
  }

  kube::Exec& command_;
  const ExecEnds& ends_;
  int input_;
};

std::string container_of(const json& pod, const std::string& wanted) {
  std::vector<std::string> names;
  for (const auto& container : pod["spec"]["containers"]) names.push_back(container["name"]);
  if (wanted.empty()) return names.front();
  if (std::find(names.begin(), names.end(), wanted) != names.end()) return wanted;
  throw Error(ErrorKind::not_found, "the pod has no container '" + wanted + "'",
              "it has " + base::join(names, ", "));
}

}  // namespace

int exec(Target& target, const std::string& name, const ExecOptions& options,
         const ExecEnds& ends) {
  Cluster* cluster = target.cluster();
  if (cluster == nullptr)
    throw Error(ErrorKind::invalid, "'" + name + "' runs as processes of this machine",
                "there is no container to enter: run the command itself");
  const auto pod = choose_pod(target.snapshot(name), name, options.pod);
  kube::ExecRequest request;
  request.pod = pod["metadata"]["name"];
  request.container = container_of(pod, options.container);
  request.command = options.command;
  request.input = ends.input >= 0;
  request.terminal = options.terminal;
  kube::Exec command(cluster->client(), request);
  Session(command, ends).run();
  return command.exit_code();
}

}  // namespace lotse::action
