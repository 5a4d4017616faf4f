#include "local/probe.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <random>
#include <set>
#include <thread>

#include "base/error.h"
#include "local/socket.h"
#include "object/member.h"

namespace lotse::local {

namespace {

std::chrono::milliseconds seconds(const json& probe, const char* member, double fallback) {
  const json& given = object::at(probe, {member});
  const double value = given.is_number() ? given.get<double>() : fallback;
  return std::chrono::milliseconds(static_cast<int64_t>(1000 * value));
}

bool wait_for(int fd, short events, SteadyTime end) {
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
  pollfd waiting = {fd, events, 0};
  return left.count() > 0 && ::poll(&waiting, 1, static_cast<int>(left.count())) == 1;
}

std::string request(const json& http) {
  std::string text =
      "GET " + object::text_at(http, {"path"}, "/") + " HTTP/1.1\r\nHost: 127.0.0.1\r\n";
  for (const auto& header : object::list_at(http, {"httpHeaders"}))
    text += object::text_at(header, {"name"}) + ": " + object::text_at(header, {"value"}) + "\r\n";
  return text + "User-Agent: lotse-probe\r\nAccept: */*\r\nConnection: close\r\n\r\n";
}

bool answers_well(int fd, const json& http, SteadyTime end) {
  const std::string text = request(http);
  if (::send(fd, text.data(), text.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(text.size()))
    return false;
  std::string answer;
  while (answer.size() < 12) {  // "HTTP/1.1 200"
    char bytes[256];
    const ssize_t count = wait_for(fd, POLLIN, end) ? ::recv(fd, bytes, sizeof bytes, 0) : 0;
    if (count <= 0) return false;
    answer.append(bytes, static_cast<size_t>(count));
  }
  return answer.starts_with("HTTP/1.") && (answer[9] == '2' || answer[9] == '3');
}

}  // namespace

int free_port() {
  static std::mt19937 random(std::random_device{}());
  static std::set<int> given;
  for (int attempt = 0; attempt < 1000; ++attempt) {
    const int port = std::uniform_int_distribution<int>(20000, 32000)(random);
    if (given.contains(port)) continue;
    const int fd = listen_on(port);
    if (fd < 0) continue;
    ::close(fd);
    given.insert(port);
    return port;
  }
  throw base::Error(base::ErrorKind::failed, "there is no free port");
}

bool ask(const json& probe, int port) {
  const auto end = std::chrono::steady_clock::now() + seconds(probe, "timeoutSeconds", 1);
  const int fd = connect_to(port);
  if (fd < 0) return false;
  int problem = 1;
  socklen_t size = sizeof problem;
  bool good = wait_for(fd, POLLOUT, end) &&
              ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &problem, &size) == 0 && problem == 0;
  if (good && probe.contains("httpGet")) good = answers_well(fd, probe.at("httpGet"), end);
  ::close(fd);
  return good;
}

Probe::Probe(json probe, int port, std::function<void()> wake)
    : probe_(std::move(probe)),
      port_(port),
      wake_(std::move(wake)),
      period_(std::max(seconds(probe_, "periodSeconds", 10), std::chrono::milliseconds(10))),
      need_success_(static_cast<int>(object::number_at(probe_, {"successThreshold"}, 1))),
      need_failures_(static_cast<int>(object::number_at(probe_, {"failureThreshold"}, 3))) {}

void Probe::start(SteadyTime now) {
  successes_ = failures_ = 0;
  answer_.reset();
  next_ = now + seconds(probe_, "initialDelaySeconds", 0);
}

SteadyTime Probe::tick(SteadyTime now) {
  if (answer_ && *answer_ >= 0) {
    const bool good = *answer_ == 1;
    successes_ = good ? successes_ + 1 : 0;
    failures_ = good ? 0 : failures_ + 1;
    answer_.reset();
  }
  if (!answer_ && now >= next_) {
    answer_ = std::make_shared<std::atomic<int>>(-1);
    next_ = now + period_;
    std::thread([probe = probe_, port = port_, answer = answer_, wake = wake_] {
      *answer = ask(probe, port) ? 1 : 0;
      wake();
    }).detach();
  }
  // While an answer is awaited, its arrival wakes.
  return answer_ ? SteadyTime::max() : next_;
}

}  // namespace lotse::local
