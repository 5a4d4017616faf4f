// The test program plays two more parts, each a real process: under the name `lotse-runner` it is
// the container's program, and with the argument `__supervise` the supervisor.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#define CATCH_CONFIG_EXTERNAL_INTERFACES
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <thread>

#include "base/files.h"
#include "base/strings.h"
#include "local/local.h"

namespace {

volatile sig_atomic_t term = 0;

void say(const std::string& text) {
  std::printf("%s\n", text.c_str());
  std::fflush(stdout);
}

std::string value(const char* name) {
  const char* text = std::getenv(name);
  return text == nullptr ? "" : text;
}

/// Answers each request with the release's name; after SIGTERM still does, for `drain` ms.
int serve(const std::string& release, int drain, const std::string& sick_file) {
  ::signal(SIGTERM, [](int) { term = 1; });
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  const int on = 1;
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(std::stoi(value("LOTSE_PORT_HTTP"))));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return 1;
  ::listen(listener, 64);
  say("listening");
  for (int left = drain; left > 0;) {
    pollfd waiting = {listener, POLLIN, 0};
    ::poll(&waiting, 1, 10);
    if (term != 0) left -= 10;
    const int client = ::accept(listener, nullptr, nullptr);
    if (client < 0) continue;
    char bytes[2048];
    const ssize_t count = ::recv(client, bytes, sizeof bytes - 1, 0);
    const std::string request(bytes, count > 0 ? static_cast<size_t>(count) : 0);
    const bool sick = request.find("/live") != std::string::npos && !sick_file.empty() &&
                      ::access(sick_file.c_str(), F_OK) == 0;
    if (sick) ::unlink(sick_file.c_str());
    const std::string answer = std::string("HTTP/1.1 ") + (sick ? "500 Sick" : "200 OK") +
                               "\r\nContent-Length: " + std::to_string(release.size()) +
                               "\r\nConnection: close\r\n\r\n" + release;
    [[maybe_unused]] const auto sent = ::send(client, answer.data(), answer.size(), MSG_NOSIGNAL);
    ::close(client);
  }
  say("drained");
  return 0;
}

/// `exit CODES`: the code for this attempt at this index, e.g. "75,0"; attempts are counted in a
/// file on the volume `data`.
int exit_with(const std::string& codes) {
  const auto list = lotse::base::split(codes, ',');
  const std::string count =
      value("LOTSE_VOLUME_DATA") + "/attempts-" + value("JOB_COMPLETION_INDEX");
  size_t attempt = 0;
  if (std::ifstream before(count); before) before >> attempt;
  std::ofstream(count) << attempt + 1;
  const auto code = list[std::min(attempt, list.size() - 1)];
  say("ends with " + code);
  return std::stoi(code);
}

int run(const std::vector<std::string>& arguments) {
  const std::string& verb = arguments.at(0);
  if (verb == "exit") return exit_with(arguments.at(1));
  if (verb == "fail-index") return value("JOB_COMPLETION_INDEX") == arguments.at(1) ? 1 : 0;
  if (verb == "serve")
    return serve(arguments.at(1), std::stoi(arguments.at(2)),
                 arguments.size() > 3 ? arguments[3] : "");
  if (verb == "echo") {
    for (size_t i = 1; i < arguments.size(); ++i) say(arguments[i]);
    return 0;
  }
  if (verb == "fail") {
    std::fprintf(stderr, "%s\n", arguments.at(1).c_str());
    return 2;
  }
  if (verb == "cat") {
    say(lotse::base::read_file(value(("LOTSE_VOLUME_" + arguments.at(1)).c_str()) + "/" +
                               arguments.at(2)));
    return 0;
  }
  if (verb == "print") {
    say(value(arguments.at(1).c_str()));
    return 0;
  }
  if (verb == "flood") {
    for (int i = 0; i < std::stoi(arguments.at(1)); ++i)
      std::printf("line %d %s\n", i, std::string(80, 'x').c_str());
    std::printf("%s\nno newline", std::string(40000, 'y').c_str());
    return 0;
  }
  if (verb == "sleep" || verb == "deaf") {
    if (verb == "sleep")
      ::signal(SIGTERM, [](int) { term = 1; });
    else
      ::signal(SIGTERM, SIG_IGN);
    say("sleeping");
    while (term == 0) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    say("saved");
    return 75;
  }
  return 64;
}

__attribute__((constructor)) void play_the_runner(int count, char** arguments) {
  const std::string name = lotse::base::split(arguments[0], '/').back();
  if (name != "lotse-runner") return;
  const int code = run({arguments + 1, arguments + count});
  std::fflush(stdout);
  ::_exit(code);
}

struct PlayTheSupervisor : Catch::TestEventListenerBase {
  using TestEventListenerBase::TestEventListenerBase;
  void testRunStarting(const Catch::TestRunInfo&) override {
    const auto arguments = lotse::base::split(lotse::base::read_file("/proc/self/cmdline"), '\0');
    if (arguments.size() > 2 && arguments[1] == "__supervise")
      ::_exit(lotse::local::supervise(arguments[2]));
  }
};
CATCH_REGISTER_LISTENER(PlayTheSupervisor)

}  // namespace
