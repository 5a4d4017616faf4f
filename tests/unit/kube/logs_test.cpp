#include "kube/logs.h"

#include <catch2/catch.hpp>
#include <mutex>

#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "support/scripted_server.h"

using namespace lotse;
using namespace std::chrono_literals;
using kube::json;
using test::Answer;

namespace {

json running(const std::string& name, const std::string& id, int restarts) {
  return {{"apiVersion", "v1"},
          {"kind", "Pod"},
          {"metadata", {{"name", name}, {"resourceVersion", "7"}}},
          {"spec", {{"containers", {{{"name", "main"}}}}}},
          {"status",
           {{"phase", "Running"},
            {"containerStatuses",
             {{{"name", "main"},
               {"restartCount", restarts},
               {"containerID", id},
               {"state", {{"running", json::object()}}}}}}}}};
}

json waiting(const std::string& name) {
  json pod = running(name, "", 0);
  pod["status"]["phase"] = "Pending";
  pod["status"]["containerStatuses"][0]["state"] = {{"waiting", {{"reason", "ContainerCreating"}}}};
  return pod;
}

json ended(json pod) {
  pod["status"]["phase"] = "Succeeded";
  pod["status"]["containerStatuses"][0]["state"] = {{"terminated", {{"exitCode", 0}}}};
  return pod;
}

/// An API server with pods, changes of them, and logs: an answer for each request of a log.
class Cluster {
 public:
  std::vector<json> pods;
  std::vector<json> late;     ///< in every list but the first; no watch tells of them
  std::vector<json> changes;  ///< what the watch brings, when `release` lets it
  std::function<Answer(const test::Received&, int number)> log;

  Cluster()
      : server_([this](const test::Received& received, int) { return answer(received); },
                {true, certificates_}) {
    settings_.server = "https://127.0.0.1:" + std::to_string(server_.port());
    settings_.ca = certificates_.authority;
    settings_.name_space = "ns";
  }

  void release() { released_ = true; }
  void use_token_file(const std::string& file) { settings_.token_file = file; }

  /// What read_logs hands out until `enough` lines have come, as "POD TEXT".
  std::vector<std::string> read(const kube::LogOptions& query, size_t enough) {
    net::CurlTransport curl(kube::connection_of(settings_));
    kube::Client client(curl, settings_);
    std::vector<std::string> lines;
    const auto limit = std::chrono::steady_clock::now() + 20s;
    kube::read_logs(
        client, {}, [](const json&) { return true; }, query,
        [&](const object::LogLine& line) { lines.push_back(line.pod + " " + line.text); },
        [&] { return lines.size() >= enough || std::chrono::steady_clock::now() > limit; });
    return lines;
  }

  /// What last_lines gives, as "TIME TEXT".
  std::vector<std::string> tail(std::chrono::milliseconds patience) {
    net::CurlTransport curl(kube::connection_of(settings_));
    kube::Client client(curl, settings_);
    std::vector<std::string> lines;
    for (const auto& line : kube::last_lines(client, "p", "main", 5, patience))
      lines.push_back(line.time + " " + line.text);
    return lines;
  }

  /// Until `stop` throws.
  void read_until(const std::function<bool()>& stop) {
    net::CurlTransport curl(kube::connection_of(settings_));
    kube::Client client(curl, settings_);
    kube::read_logs(
        client, {}, [](const json&) { return true; }, {.follow = true}, [](const auto&) {}, stop);
  }

  /// The queries of the requests for logs, in order.
  std::vector<std::string> asked() const {
    std::vector<std::string> queries;
    for (const auto& each : server_.received())
      if (const auto at = each.target.find("/log?"); at != std::string::npos)
        queries.push_back(each.target.substr(at + 5));
    return queries;
  }

 private:
  Answer answer(const test::Received& received) {
    if (received.target.find("/log?") != std::string::npos) return log(received, ++logs_);
    if (received.target.find("watch=1") == std::string::npos) {
      auto items = pods;
      if (listed_.exchange(true)) items.insert(items.end(), late.begin(), late.end());
      return {200, {}, json{{"metadata", {{"resourceVersion", "1"}}}, {"items", items}}.dump()};
    }
    Answer watch;
    watch.pieces = {" "};
    watch.end = Answer::End::hang;
    const bool first = !watched_.exchange(true);
    while (first && !released_) std::this_thread::sleep_for(5ms);
    if (first)
      for (const auto& pod : changes)
        watch.pieces.push_back(json{{"type", "MODIFIED"}, {"object", pod}}.dump() + "\n");
    return watch;
  }

  test::Certificates certificates_ = test::make_certificates({});
  std::atomic<bool> released_ = false;
  std::atomic<bool> watched_ = false;
  std::atomic<bool> listed_ = false;
  std::atomic<int> logs_ = 0;
  test::ScriptedServer server_;
  identity::Settings settings_;
};

std::string line(int second, const std::string& text) {
  return base::cat("2026-11-24T12:00:", second < 10 ? "0" : "", second, ".000000001Z ", text, "\n");
}

Answer cut(const std::string& text) {
  Answer answer;
  answer.pieces = {text};
  answer.end = Answer::End::close;
  return answer;
}

}  // namespace

TEST_CASE("a container that runs and has printed nothing is not waited for") {
  Cluster cluster;
  cluster.pods = {running("a", "", 0)};
  cluster.log = [](const test::Received& received, int) {
    Answer answer;  // the server begins it with the first line of what is followed
    if (received.target.find("follow=") == std::string::npos) return answer;
    answer.status = 0;
    answer.end = Answer::End::hang;
    return answer;
  };
  const auto start = std::chrono::steady_clock::now();
  cluster.read_until([&] { return std::chrono::steady_clock::now() - start > 300ms; });
  CHECK(std::chrono::steady_clock::now() - start < 10s);
  CHECK(cluster.asked().size() == 2);
  cluster.release();
}

TEST_CASE("a cut log goes on where it was; what was asked of the first stream is not asked again") {
  Cluster cluster;
  cluster.pods = {running("p", "a", 0)};
  cluster.log = [](const test::Received&, int number) {
    if (number == 1) return cut(line(1, "one") + line(2, "two") + "2026-11-24T12:00:03.0");
    Answer answer = cut(line(1, "one") + line(2, "two") + line(3, "three"));
    answer.end = Answer::End::hang;
    return answer;
  };
  kube::LogOptions query;
  query.follow = true;
  query.tail = 5;
  cluster.release();
  CHECK(cluster.read(query, 3) == std::vector<std::string>{"p one", "p two", "p three"});
  const auto asked = cluster.asked();
  REQUIRE(asked.size() == 2);
  CHECK(asked[0] == "container=main&timestamps=true&follow=true&tailLines=5");
  CHECK(asked[1] ==
        "container=main&timestamps=true&follow=true&sinceTime=2026-11-24T12%3A00%3A01.000000001Z");
}

TEST_CASE("a container that has not started is waited for, and asked for once it has") {
  Cluster cluster;
  cluster.pods = {waiting("p")};
  cluster.changes = {running("p", "a", 0)};
  cluster.log = [](const test::Received&, int) {
    Answer answer = cut(line(1, "one"));
    answer.end = Answer::End::hang;
    return answer;
  };
  std::thread later([&] {
    std::this_thread::sleep_for(300ms);
    CHECK(cluster.asked().empty());
    cluster.release();
  });
  kube::LogOptions query;
  query.follow = true;
  CHECK(cluster.read(query, 1) == std::vector<std::string>{"p one"});
  later.join();
}

TEST_CASE("a container that starts anew: its old log is read to the end, then the new one") {
  Cluster cluster;
  cluster.pods = {running("p", "a", 0)};
  cluster.changes = {running("p", "b", 1)};
  cluster.log = [&](const test::Received& received, int number) {
    if (number == 1) {
      cluster.release();
      return cut(line(1, "one"));  // and its last lines do not come
    }
    if (received.target.find("previous=true") != std::string::npos)
      return Answer{200, {}, line(1, "one") + line(2, "its last words")};
    Answer answer = cut(line(5, "again"));
    answer.pause = 50ms;
    answer.end = Answer::End::hang;
    return answer;
  };
  kube::LogOptions query;
  query.follow = true;
  CHECK(cluster.read(query, 3) == std::vector<std::string>{"p one", "p its last words", "p again"});
  const auto asked = cluster.asked();
  REQUIRE(asked.size() >= 3);
  CHECK(
      asked[1] ==
      "container=main&timestamps=true&previous=true&sinceTime=2026-11-24T12%3A00%3A01.000000001Z");
}

TEST_CASE(
    "without following, each log is read whole over as many streams as it takes, pod by pod") {
  Cluster cluster;
  cluster.pods = {ended(running("p", "a", 0)), ended(running("q", "b", 0))};
  cluster.log = [](const test::Received& received, int) {
    if (received.target.find("/pods/q/") != std::string::npos)
      return Answer{200, {}, line(1, "of q")};
    if (received.target.find("sinceTime") == std::string::npos)
      return cut(line(1, "one") + "2026-11-24T12:00:02.00");
    return Answer{200, {}, line(1, "one") + line(2, "two") + "2026-11-24T12:00:03.0Z no newline"};
  };
  CHECK(cluster.read({}, 0) ==
        std::vector<std::string>{"p one", "p two", "p no newline", "q of q"});
}

TEST_CASE("at the end a pod is read that a watch that was cut has not told of") {
  Cluster cluster;
  cluster.pods = {ended(running("a", "1", 0))};
  cluster.late = {ended(running("b", "2", 0))};
  cluster.log = [](const test::Received& received, int) -> Answer {
    return {
        200, {}, line(1, received.target.find("/pods/a/") != std::string::npos ? "of a" : "of b")};
  };
  cluster.release();
  CHECK(cluster.read({.follow = true}, 1) == std::vector<std::string>{"a of a", "b of b"});
}

TEST_CASE("at the end what answers slowly, or is refused for now, is waited for") {
  Cluster cluster;
  cluster.pods = {ended(running("a", "1", 0))};
  cluster.late = {ended(running("b", "2", 0))};
  bool refused = false;
  cluster.log = [&](const test::Received& received, int) -> Answer {
    if (received.target.find("/pods/a/") != std::string::npos) return {200, {}, line(1, "of a")};
    if (!std::exchange(refused, true)) return {503, {}, "{}"};
    Answer slow{200, {}, line(1, "of b")};
    slow.pause = 3s;
    return slow;
  };
  cluster.release();
  CHECK(cluster.read({.follow = true}, 1) == std::vector<std::string>{"a of a", "b of b"});
}

TEST_CASE("the log of the attempt before, the last lines, and since when: as asked") {
  Cluster cluster;
  cluster.pods = {running("p", "b", 1)};
  cluster.log = [](const test::Received&, int) { return Answer{200, {}, line(1, "x")}; };
  kube::LogOptions query;
  query.previous = true;
  query.tail = 3;
  query.since = "2026-11-24T11:00:00Z";
  CHECK(cluster.read(query, 1) == std::vector<std::string>{"p x"});
  CHECK(cluster.asked().at(0) ==
        "container=main&timestamps=true&previous=true&sinceTime=2026-11-24T11%3A00%3A00Z&tailLines="
        "3");
}

TEST_CASE("a token that is refused is read again, and the log is asked for once more") {
  for (const bool follow : {true, false}) {
    const base::TemporaryFolder folder;
    const auto file = folder.path() / "token";
    base::write_file_atomic(file, "old");
    Cluster cluster;
    cluster.pods = {running("p", "a", 0)};
    cluster.use_token_file(file.string());
    cluster.release();
    std::vector<std::string> tokens;
    cluster.log = [&](const test::Received& received, int number) {
      tokens.push_back(received.headers.at("authorization"));
      base::write_file_atomic(file, "new");
      if (number == 1) return Answer{401, {}, "{}"};
      Answer answer = cut(line(1, "one"));
      if (follow)
        answer.end = Answer::End::hang;
      else
        answer.end = Answer::End::keep;
      return answer;
    };
    kube::LogOptions query;
    query.follow = follow;
    CHECK(cluster.read(query, 1) == std::vector<std::string>{"p one"});
    CHECK(tokens == std::vector<std::string>{"Bearer old", "Bearer new"});
  }
}

TEST_CASE("what is thrown while an ended pod still owes lines comes out at once") {
  Cluster cluster;
  cluster.pods = {ended(running("p", "one", 0))};
  cluster.log = [](const test::Received&, int) {
    Answer silent;
    silent.pieces = {" "};
    silent.end = Answer::End::hang;
    return silent;
  };
  cluster.release();
  const auto start = std::chrono::steady_clock::now();
  CHECK_THROWS_AS(cluster.read_until([&]() -> bool {
    if (std::chrono::steady_clock::now() - start > 1s)
      throw base::Error(base::ErrorKind::timeout, "enough");
    return true;
  }),
                  base::Error);
  CHECK(std::chrono::steady_clock::now() - start < 3s);
}

TEST_CASE("the last lines come if the node answers in time, else none") {
  Cluster cluster;
  cluster.log = [](const test::Received&, int) {
    return Answer{200, {}, line(1, "one") + line(2, "two words")};
  };
  const auto lines = cluster.tail(5s);
  REQUIRE(lines.size() == 2);
  CHECK_THAT(lines[1], Catch::EndsWith("Z two words"));
  CHECK(cluster.asked().at(0) == "container=main&timestamps=true&tailLines=5");

  for (const bool begun : {false, true}) {
    cluster.log = [&](const test::Received&, int) {
      Answer silent;
      silent.pieces = {begun ? line(1, "one") : " "};
      silent.end = Answer::End::hang;
      return silent;
    };
    const auto start = std::chrono::steady_clock::now();
    CHECK(cluster.tail(300ms).empty());
    CHECK(std::chrono::steady_clock::now() - start < 2s);
  }
  cluster.log = [](const test::Received&, int) { return Answer{404, {}, "no such pod"}; };
  CHECK(cluster.tail(5s).empty());
  cluster.log = [](const test::Received&, int) { return cut(line(1, "one")); };
  CHECK(cluster.tail(5s).empty());
}
