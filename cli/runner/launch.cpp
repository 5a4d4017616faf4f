#include "cli/runner/launch.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <optional>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/number.h"
#include "base/output.h"
#include "base/process.h"
#include "base/strings.h"
#include "contract/environment.h"
#include "contract/exit_code.h"

namespace lotse::cli::runner {

namespace {

namespace environment = contract::environment;
using base::cat;
using base::Error;
using base::ErrorKind;

constexpr int most_processes = 64;

int free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* const place = reinterpret_cast<sockaddr*>(&address);
  const bool found = socket >= 0 && ::bind(socket, place, length) == 0 &&
                     ::getsockname(socket, place, &length) == 0;
  if (socket >= 0) ::close(socket);
  if (!found) throw Error(ErrorKind::failed, "no port is free for the processes to meet at");
  return ntohs(address.sin_port);
}

/// What every process of the pod gets.
std::map<std::string, std::string> shared_environment() {
  auto all = base::current_environment();
  if (!all.contains(environment::rendezvous)) {
    all[environment::rendezvous] = cat("127.0.0.1:", free_port());
    all[environment::host] = "127.0.0.1";
  }
  return all;
}

/// One process, and what it prints.
struct Rank {
  int number;
  base::Process process;
  int pipe;
  std::string unfinished = {};  ///< the beginning of a line
  std::string error = {};       ///< its error event, which waits until it is known whose matters
  std::optional<base::Ended> ended = {};

  bool over() const { return ended && pipe < 0; }

  void take(std::string_view text) {
    unfinished += text;
    for (auto end = unfinished.find('\n'); end != std::string::npos; end = unfinished.find('\n')) {
      pass_on(unfinished.substr(0, end + 1));
      unfinished.erase(0, end + 1);
    }
  }

  void pass_on(const std::string& line) {
    const auto event = contract::decode(line);
    if (event && event->type == "error")
      error = line;
    else
      base::write_output(line);
  }

  /// All there is to read; at the end of it, the last line without its newline, too.
  void read() {
    char bytes[16 * 1024];
    ssize_t count = 0;
    while ((count = ::read(pipe, bytes, sizeof bytes)) > 0)
      take({bytes, static_cast<size_t>(count)});
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (!unfinished.empty()) pass_on(std::exchange(unfinished, "") + "\n");
    ::close(std::exchange(pipe, -1));
  }
};

Rank start(const std::vector<std::string>& arguments,
           const std::map<std::string, std::string>& shared, int number) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw Error(ErrorKind::failed, "no more pipes");
  ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
  base::Command command;
  command.arguments = {"/proc/self/exe"};
  command.arguments.insert(command.arguments.end(), arguments.begin(), arguments.end());
  command.environment = shared;
  command.environment[environment::local_rank] = std::to_string(number);
  command.output = ends[1];
  command.die_with_parent = true;
  auto process = base::Process::start(command);
  ::close(ends[1]);
  return {number, process, ends[0]};
}

/// Whether the process failed by itself, and not since another one did.
bool failed_itself(const Rank& rank) {
  const int code = rank.ended->code;
  return code != contract::exit_done && code != contract::exit_stopped &&
         code != contract::exit_peer_lost;
}

class Launch {
 public:
  Launch(const std::vector<std::string>& arguments, int count) {
    const auto shared = shared_environment();
    for (int number = 0; number < count; ++number)
      ranks_.push_back(start(arguments, shared, number));
  }

  void wait() {
    while (
        !std::all_of(ranks_.begin(), ranks_.end(), [](const Rank& rank) { return rank.over(); })) {
      wait_for_something();
      pass_on_signal();
      for (auto& rank : ranks_) {
        if (rank.pipe >= 0) rank.read();
        if (!rank.ended) look_at_end(rank);
      }
    }
  }

  /// The rank whose end is the pod's: see launch().
  const Rank& telling() const {
    if (first_ != nullptr) return *first_;
    for (const int code : {contract::exit_stopped, contract::exit_peer_lost})
      for (const auto& rank : ranks_)
        if (rank.ended->code == code) return rank;
    return ranks_[0];
  }

 private:
  void wait_for_something() const {
    std::vector<pollfd> waited;
    if (!told_to_stop_) waited.push_back({base::interrupt_fd(), POLLIN, 0});
    for (const auto& rank : ranks_)
      if (rank.pipe >= 0) waited.push_back({rank.pipe, POLLIN, 0});
    constexpr int milliseconds = 100;  // a process may end later than its output
    ::poll(waited.data(), waited.size(), milliseconds);
  }

  void pass_on_signal() {
    if (!told_to_stop_ && base::interrupted()) stop_all();
  }

  void stop_all() {
    told_to_stop_ = true;
    for (auto& rank : ranks_)
      if (!rank.ended) rank.process.send(SIGTERM);
  }

  void look_at_end(Rank& rank) {
    rank.ended = rank.process.poll();
    if (!rank.ended || rank.ended->code == contract::exit_done) return;
    if (first_ == nullptr && failed_itself(rank)) first_ = &rank;
    if (!told_to_stop_) stop_all();
  }

  std::vector<Rank> ranks_;
  const Rank* first_ = nullptr;  ///< that failed by itself
  bool told_to_stop_ = false;
};

}  // namespace

int processes_to_start(const std::string& mode) {
  const char* text = std::getenv(environment::processes_per_pod);
  if (mode != "train" || text == nullptr || *text == '\0' ||
      std::getenv(environment::local_rank) != nullptr)
    return 1;
  const auto count = base::to_integer(text);
  if (!count || *count < 1 || *count > most_processes)
    throw Error({{environment::processes_per_pod,
                  cat("is '", text, "', not a number from 1 to ", most_processes), ""}});
  return static_cast<int>(*count);
}

int launch(const std::vector<std::string>& arguments, int count, Output& output) {
  Launch launched(arguments, count);
  launched.wait();
  const auto& rank = launched.telling();
  if (!rank.error.empty())
    base::write_output(rank.error);
  else if (rank.ended->signal != 0)
    output.print({"error",
                  cat("the process of local rank ", rank.number, " was ended by signal ",
                      rank.ended->signal),
                  {{"exit_code", rank.ended->code}}});
  return rank.ended->code;
}

}  // namespace lotse::cli::runner
