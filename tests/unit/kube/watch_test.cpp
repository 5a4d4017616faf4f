// docs/promises.md A2 P1: the scenarios of client-go v0.36 tools/watch/retrywatcher_test.go, each
// against a server on a socket. README.md of lib/kube says which name is which.
#include "kube/watch.h"

#include <catch2/catch.hpp>

#include "base/error.h"
#include "net/curl_transport.h"
#include "unit/kube/watch_scripts.h"

using namespace lotse;
using namespace lotse::test;
using namespace std::chrono_literals;

namespace {

/// A watch of a server that answers what `script` says; `list_version` is what a new list gives.
struct Watching {
  ScriptedServer server;
  net::CurlTransport curl{{}};
  kube::Client client;
  RushingClock clock;
  std::vector<std::string> seen;  ///< versions of events
  int lists = 0;
  kube::Watch watch;

  explicit Watching(ScriptedServer::Script script, const std::string& from = "1")
      : server(std::move(script)),
        client(curl, settings()),
        watch(client, kube::watch_call(*object::find_kind("pod"), "ns", {}), from, handler(),
              clock) {}

  identity::Settings settings() const {
    identity::Settings settings;
    settings.server = "http://127.0.0.1:" + std::to_string(server.port());
    return settings;
  }
  kube::WatchHandler handler() {
    return {[this](const kube::WatchEvent& event) {
              seen.push_back(event.object["metadata"]["resourceVersion"]);
            },
            [this] {
              ++lists;
              return std::string("50");
            }};
  }
  /// Until that many watches were asked for and all that they brought was read.
  void run(size_t watches) {
    const auto limit = std::chrono::steady_clock::now() + 10s;
    while (server.received().size() < watches && std::chrono::steady_clock::now() < limit) step();
    REQUIRE(server.received().size() == watches);
    for (int i = 0; i < 20; ++i) curl.poll(5ms);
  }
  void step() {
    watch.tend();
    curl.poll(5ms);
  }
  std::vector<std::string> from() const {
    std::vector<std::string> versions;
    for (const auto& received : server.received()) versions.push_back(version_of(received));
    return versions;
  }
};

std::string added(int version) {
  return event("ADDED", pod("p" + std::to_string(version), version));
}

/// Those of `versions` behind the version that is asked for, `at_once` in one stream, as a server
/// that closes its watches early.
ScriptedServer::Script server_of(const std::vector<int>& versions, size_t at_once) {
  return [versions, at_once](const Received& received, int) {
    const int from = std::stoi(version_of(received));
    std::string text;
    size_t sent = 0;
    for (const int version : versions) {
      if (version <= from || sent == at_once) continue;
      text += added(version);
      ++sent;
    }
    return watch_of({text.empty() ? "\n" : text},
                    text.empty() ? Answer::End::hang : Answer::End::close);
  };
}

using Versions = std::vector<std::string>;

/// A first answer, then a watch that brings 2 and stays open.
ScriptedServer::Script first(const Answer& answer) {
  return [answer](const Received&, int number) {
    return number == 1 ? answer : watch_of({added(2)}, Answer::End::hang);
  };
}

Answer error_event(int code, const std::string& reason, const json& details = json::object()) {
  return watch_of(
      {event("ERROR",
             {{"kind", "Status"}, {"code", code}, {"reason", reason}, {"details", details}})},
      Answer::End::hang);
}

}  // namespace

TEST_CASE("a list without a version to watch from is refused") {
  const std::string version = GENERATE("", "0");
  Watching watching(server_of({2}, 1), version);
  CHECK_THROWS_WITH(watching.step(), Catch::Contains("no version to watch from"));
  CHECK(watching.server.received().empty());
}

TEST_CASE("closed watches: every event once, from the version that was reached") {
  struct Scenario {
    std::string name;
    std::string from;
    std::vector<int> versions;
    size_t at_once;
    Versions seen;
  };
  const auto scenario = GENERATE(values<Scenario>({
      {"initial version, skips what precedes", "1", {1, 2}, 9, {"2"}},
      {"initial version, nothing follows", "2", {1, 2}, 9, {}},
      {"1 closed watch, 1 item", "1", {2}, 1, {"2"}},
      {"2 closed watches, 2 items", "1", {2, 3}, 1, {"2", "3"}},
      {"nonconsecutive versions", "1", {5, 7}, 1, {"5", "7"}},
      {"starting at a much lower version", "2", {5, 70}, 1, {"5", "70"}},
      {"4 closed watches, spread versions", "2", {5, 6, 7, 11}, 1, {"5", "6", "7", "11"}},
      {"4 closed watches, lower ones skipped", "2", {1, 2, 5, 6, 7, 11}, 1, {"5", "6", "7", "11"}},
      {"2+2+1 items", "1", {2, 3, 4, 5, 6}, 2, {"2", "3", "4", "5", "6"}},
  }));
  INFO(scenario.name);
  Watching watching(server_of(scenario.versions, scenario.at_once), scenario.from);
  const size_t streams = (scenario.seen.size() + scenario.at_once - 1) / scenario.at_once;
  watching.run(streams + 1);
  CHECK(watching.seen == scenario.seen);
  CHECK(watching.from().back() == (scenario.seen.empty() ? scenario.from : scenario.seen.back()));
  CHECK(watching.lists == 0);
}

TEST_CASE("what is no answer at all is asked again, at the same version, without a list") {
  const auto answer = GENERATE(values<Answer>({
      {.status = 0, .end = Answer::End::reset},  // watchClient returns error
      {.status = 0, .end = Answer::End::close},  // watchClient returns nil watcher
      {500, {}, ""},
      {404, {}, "not JSON"},
      {200, {}, ""},
  }));
  Watching watching(first(answer));
  watching.run(2);
  CHECK(watching.seen == Versions{"2"});
  CHECK(watching.from() == Versions{"1", "1"});
  CHECK(watching.lists == 0);
}

TEST_CASE("errors within a stream: timeout, server error, unknown codes and types mean going on") {
  const auto answer = GENERATE(values<Answer>({
      error_event(504, "Timeout"),
      error_event(500, "InternalError"),
      error_event(418, "Teapot"),
      watch_of({event("ERROR", json::object())}, Answer::End::hang),
      watch_of({event("ERROR", {{"kind", "Pod"}, {"code", "x"}})}, Answer::End::hang),
  }));
  Watching watching(first(answer));
  watching.run(2);
  CHECK(watching.seen == Versions{"2"});
  CHECK(watching.from() == Versions{"1", "1"});
  CHECK(watching.lists == 0);
}

TEST_CASE("410 within a stream, or an object without a version, means one new list") {
  const auto answer = GENERATE(values<Answer>({
      error_event(410, "Gone"),
      watch_of({event("ADDED", {{"metadata", {{"name", "x"}}}})}, Answer::End::hang),
  }));
  Watching watching(first(answer));
  watching.run(2);
  CHECK(watching.lists == 1);
  CHECK(watching.seen == Versions{"2"});
  CHECK(watching.from() == Versions{"1", "50"});
}

TEST_CASE("forbidden and unauthorized are the end") {
  const int code = GENERATE(401, 403);
  Watching watching([code](const Received&, int) { return refusal(code, "no"); });
  const auto until_thrown = [&] {
    for (int i = 0; i < 1000; ++i) watching.step();
  };
  CHECK_THROWS_AS(until_thrown(), base::Error);
  CHECK(watching.server.received().size() == 1);
}

TEST_CASE("a watch that is told to wait waits: Retry-After, and retryAfterSeconds in the stream") {
  const bool in_stream = GENERATE(false, true);
  auto answer = in_stream ? error_event(500, "InternalError", {{"retryAfterSeconds", 1000}})
                          : refusal(429, "TooManyRequests");
  if (!in_stream) answer.headers["Retry-After"] = "1000";
  Watching watching(first(answer));
  watching.run(1);
  const auto before = watching.clock.now();
  watching.run(2);
  CHECK(watching.clock.now() - before > 900s);
  CHECK(watching.seen == Versions{"2"});
}

TEST_CASE("a watch that is left with unread events ends at once") {
  Watching watching([](const Received&, int) {
    std::string many;
    for (int i = 2; i < 2000; ++i) many += added(i);
    return watch_of({many, many}, Answer::End::hang);
  });
  watching.run(1);
  CHECK(watching.seen.size() >= 1);
}
