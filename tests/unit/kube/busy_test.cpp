// docs/promises.md A26: a server that answers 429 while its caches are cold.
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <cstdio>

#include "kube/lists.h"
#include "kube/mirror.h"
#include "kube/pages.h"
#include "net/retry.h"
#include "support/error_from.h"
#include "unit/kube/watch_scripts.h"

using namespace lotse;
using namespace std::chrono_literals;
using namespace lotse::test;
using kube::json;

namespace {

/// Sleeping costs no time; what is asked while nobody sleeps takes ten milliseconds.
class SleepingClock : public base::Clock {
 public:
  Time now() override { return Time{} + std::chrono::milliseconds(passed_ += 10); }
  void sleep(Duration duration) override {
    passed_ += std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
  }
  std::chrono::seconds passed() const { return std::chrono::seconds(passed_ / 1000); }

 private:
  std::atomic<int64_t> passed_{0};
};

/// What is written to standard error meanwhile.
std::string told(const std::function<void()>& work) {
  std::fflush(stderr);
  const int before = ::dup(2);
  std::FILE* file = std::tmpfile();
  ::dup2(::fileno(file), 2);
  try {
    work();
  } catch (...) {
    ::dup2(before, 2);
    throw;
  }
  ::dup2(before, 2);
  ::close(before);
  std::rewind(file);
  std::string text(10'000, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file));
  std::fclose(file);
  return text;
}

size_t count(const std::string& text, const std::string& part) {
  size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

/// A server that answers 429 for the first `cold` seconds.
struct ColdServer {
  SleepingClock clock;
  std::string retry_after;  ///< "": the server does not say
  std::chrono::seconds cold{60};
  ScriptedServer server{[this](const Received& received, int) {
    if (clock.passed() < cold) {
      auto busy = refusal(429, "storage is (re)initializing");
      if (!retry_after.empty()) busy.headers["Retry-After"] = retry_after;
      return busy;
    }
    if (!is_watch(received)) return list_of(json::array({pod("a", 1)}), 5);
    return watch_of({event("ADDED", pod("b", 6))}, Answer::End::hang);
  }};
  net::CurlTransport curl{{}};
  net::RetryTransport transport{curl, clock};
  kube::Client client;

  explicit ColdServer(std::string after)
      : retry_after(std::move(after)), client(transport, settings(), clock) {}
  identity::Settings settings() const {
    identity::Settings settings;
    settings.server = "http://127.0.0.1:" + std::to_string(server.port());
    settings.name_space = "ns";
    return settings;
  }
  size_t requests(const std::string& part) const {
    size_t found = 0;
    for (const auto& received : server.received())
      found += received.target.find(part) != std::string::npos;
    return found;
  }
  /// No more than one a wait that the server asked for, or that was ours.
  size_t most() const { return retry_after.empty() ? 12 : 60 / std::stoul(retry_after) + 2; }
};

const object::Kind& kind(const char* name) {
  return *object::find_kind(name);
}

}  // namespace

TEST_CASE("A26: a list rides out 60 s of 429, with and without Retry-After, and says so") {
  ColdServer cold(GENERATE("", "1", "7"));
  CAPTURE(cold.retry_after);
  kube::List list;
  const auto words = told([&] { list = cold.client.list(kind("pod")); });
  CHECK(list.items.size() == 1);
  CHECK(cold.requests("/pods") <= cold.most());
  CHECK(cold.clock.passed() < 80s);
  CHECK_THAT(words, Catch::Contains("ServerBusy: the server answers 429"));
  CHECK(count(words, "ServerBusy") <= 2);
}

TEST_CASE("A26: lists that are asked for together wait together") {
  ColdServer cold(GENERATE("", "1", "7"));
  CAPTURE(cold.retry_after);
  std::vector<kube::List> lists;
  const auto words = told([&] {
    lists = kube::list_all(cold.client, {{&kind("pod")}, {&kind("job")}, {&kind("service")}});
  });
  CHECK(lists.size() == 3);
  for (const char* each : {"/pods", "/jobs", "/services"})
    CHECK(cold.requests(each) <= cold.most());
  CHECK(cold.clock.passed() < 80s);
  CHECK_THAT(words,
             Catch::Contains("ServerBusy: the server answers 429 (storage is (re)initializing)"));
  CHECK(count(words, "ServerBusy") == 1);
}

TEST_CASE("A26: pages, and lists of all namespaces, ride out 429 too") {
  ColdServer cold("");
  int pages = 0;
  told([&] {
    kube::each_page(cold.client, kube::list_call(kind("pod"), "ns", {}),
                    {[&](const std::string&) { ++pages; }, {}});
  });
  CHECK(pages == 1);
  cold.cold += cold.clock.passed();
  int nodes = 0;
  told([&] {
    kube::each_everywhere(cold.client, kind("node"), {}, {}, [&](const json&) { ++nodes; });
  });
  CHECK(nodes == 1);
}

TEST_CASE("A26: a list, then a watch that is answered 429: no second list, and it is said") {
  ColdServer cold(GENERATE("", "1"));
  CAPTURE(cold.retry_after);
  const auto words = told([&] {
    kube::Mirror mirror(cold.client, {&kind("pod")}, {}, cold.clock);
    cold.cold = cold.clock.passed() + 60s;
    const auto limit = std::chrono::steady_clock::now() + 10s;
    while (mirror.objects().size() < 2 && std::chrono::steady_clock::now() < limit) {
      mirror.tend();
      cold.curl.poll(5ms);
      cold.clock.sleep(200ms);
    }
    CHECK(mirror.objects().size() == 2);
  });
  CHECK(cold.requests("watch=1") <= 62);
  CHECK(cold.requests("/pods") - cold.requests("watch=1") <= cold.most());
  CHECK_THAT(words, Catch::Contains("to watching /api/v1/namespaces/ns/pods; waiting for it"));
}

TEST_CASE("A26: a server that stays busy for longer is told by the cause's code") {
  ColdServer cold(GENERATE("", "1"));
  cold.cold = 1000s;
  std::string message;
  told([&] {
    const auto error = error_from([&] { cold.client.list(kind("pod")); });
    CHECK(error.kind() == base::ErrorKind::unreachable);
    message = error.what();
    CHECK_THROWS_AS(kube::list_all(cold.client, {{&kind("pod")}, {&kind("job")}}), base::Error);
  });
  CHECK_THAT(message, Catch::StartsWith("ServerBusy: storage is (re)initializing"));
  CHECK(cold.clock.passed() < 300s);
}
