// docs/promises.md A2: objects stay up to date over watches that are cut, expire or are refused.
#include "kube/mirror.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <random>

#include "base/error.h"
#include "object/reference.h"
#include "unit/kube/watch_scripts.h"

using namespace lotse;
using namespace std::chrono_literals;
using namespace lotse::test;
using kube::json;

namespace {

struct Setup {
  ScriptedServer server;
  net::CurlTransport curl{{}};
  kube::Client client;
  RushingClock clock;
  kube::Mirror mirror;

  explicit Setup(ScriptedServer::Script script)
      : server(std::move(script)),
        client(curl, settings()),
        mirror(client, {object::find_kind("pod")}, {}, clock) {}

  identity::Settings settings() const {
    identity::Settings settings;
    settings.server = "http://127.0.0.1:" + std::to_string(server.port());
    settings.name_space = "ns";
    return settings;
  }
  /// Polls until `done`, for ten seconds at most.
  void wait_for(const std::function<bool()>& done) {
    const auto limit = std::chrono::steady_clock::now() + 10s;
    while (!done() && std::chrono::steady_clock::now() < limit) {
      mirror.tend();
      curl.poll(5ms);
    }
    REQUIRE(done());
  }
  size_t requests(bool watches) const {
    size_t count = 0;
    for (const auto& received : server.received()) count += is_watch(received) == watches;
    return count;
  }
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const auto& object : mirror.objects()) names.push_back(object::name_of(object));
    return names;
  }
};

using Names = std::vector<std::string>;

/// An API server's store: objects, their history, and watches that end wherever chance wills.
class Store {
 public:
  void change(std::mt19937& random) {
    const std::string name = "p" + std::to_string(random() % 20) + "\xc3\xa4";
    const bool there = objects_.count(name) != 0;
    const bool remove = there && random() % 3 == 0;
    const json object = pod(name, ++version_);
    history_.push_back(event(remove ? "DELETED" : there ? "MODIFIED" : "ADDED", object));
    if (remove)
      objects_.erase(name);
    else
      objects_[name] = object;
  }
  Answer list() const {
    json items = json::array();
    for (const auto& [name, object] : objects_) items.push_back(object);
    return list_of(items, version_);
  }
  Answer watch(int from, std::mt19937& random) const {
    std::string text;
    for (int i = from; i < version_; ++i) text += history_[static_cast<size_t>(i)];
    text = text.substr(0, random() % (text.size() + 1));
    return watch_of({text.empty() ? "\n" : text});
  }
  std::map<std::string, json> objects_;
  std::vector<std::string> history_;
  int version_ = 0;
};

}  // namespace

TEST_CASE("P2: 1,000 watches cut at any byte: the mirror ends as the server has it, by one list") {
  std::mt19937 random(11);
  Store store;
  for (int i = 0; i < 10; ++i) store.change(random);
  std::mutex mutex;
  std::atomic<int> watches{0};
  Setup setup([&](const Received& received, int) {
    const std::lock_guard lock(mutex);
    if (!is_watch(received)) return store.list();
    ++watches;
    auto answer = store.watch(std::stoi(version_of(received)), random);
    for (int i = 0; i < 3 && store.version_ < 2500; ++i) store.change(random);
    return answer;
  });
  const auto limit = std::chrono::steady_clock::now() + 40s;
  while (watches < 1000 && std::chrono::steady_clock::now() < limit) {
    setup.mirror.tend();
    setup.curl.poll(5ms);
  }
  CHECK(watches >= 1000);
  setup.wait_for([&] {
    const std::lock_guard lock(mutex);
    std::map<std::string, json> mine;
    for (auto object : setup.mirror.objects()) {
      object.erase("apiVersion");
      object.erase("kind");
      mine[object::name_of(object)] = object;
    }
    return store.version_ >= 2500 && mine == store.objects_;
  });
  CHECK(setup.requests(false) == 1);
  // Each transition came exactly once: one list, then one generation for every event after it.
  CHECK(setup.mirror.generation() == 1 + static_cast<uint64_t>(store.version_ - 10));
}

TEST_CASE("P3: one list for each 410, in the stream or as its status") {
  const bool in_stream = GENERATE(false, true);
  Setup setup([&](const Received& received, int number) {
    if (!is_watch(received))
      return list_of(json::array({pod(number == 1 ? "old" : "new", number)}), 10 * number);
    if (number == 2 && in_stream)
      return watch_of({event("ERROR", {{"kind", "Status"}, {"code", 410}, {"reason", "Expired"}})});
    if (number == 2) return refusal(410, "Expired");
    return watch_of({"\n"}, Answer::End::hang);
  });
  CHECK(setup.names() == Names{"old"});
  setup.wait_for([&] { return setup.requests(true) == 2; });
  CHECK(setup.requests(false) == 2);
  CHECK(setup.names() == Names{"new"});
  CHECK(version_of(setup.server.received().back()) == "30");
}

TEST_CASE("P3: 429 and 500 on a watch mean waiting, not a new list") {
  const int code = GENERATE(429, 500, 504);
  Setup setup([&](const Received& received, int number) {
    if (!is_watch(received)) return list_of(json::array({pod("a", 1)}), 5);
    if (number < 5) return refusal(code, "TooManyRequests");
    return watch_of({event("ADDED", pod("b", 6))}, Answer::End::hang);
  });
  setup.wait_for([&] { return setup.names() == Names{"a", "b"}; });
  CHECK(setup.requests(false) == 1);
  CHECK(version_of(setup.server.received().back()) == "5");
}

TEST_CASE("P4: after a stream of bookmarks the watch goes on from the last one") {
  Setup setup([&](const Received& received, int number) {
    if (!is_watch(received)) return list_of(json::array(), 5);
    if (number == 2)
      return watch_of({event("BOOKMARK", pod("", 70)), event("BOOKMARK", pod("", 90))});
    return watch_of({"\n"}, Answer::End::hang);
  });
  setup.wait_for([&] { return setup.requests(true) == 2; });
  CHECK(version_of(setup.server.received().back()) == "90");
  CHECK(setup.mirror.generation() == 1);
}

TEST_CASE("a watch that is no longer allowed ends with the server's reason") {
  const int code = GENERATE(401, 403);
  Setup setup([&](const Received& received, int) {
    return is_watch(received) ? refusal(code, "not for you") : list_of(json::array(), 5);
  });
  try {
    setup.wait_for([] { return false; });
  } catch (const base::Error& error) {
    CHECK(error.kind() == base::ErrorKind::denied);
    CHECK_THAT(error.what(), Catch::Contains("not for you"));
  }
}

TEST_CASE("a stream of nonsense means a new list, not a crash") {
  const std::string nonsense = GENERATE("{\n", "null\n", "[1]\n", "{\"type\":5,\"object\":{}}\n",
                                        "{\"type\":\"ADDED\"}\n", "\xff\xfe\n");
  Setup setup([&](const Received& received, int number) {
    if (!is_watch(received)) return list_of(json::array({pod("a", 1)}), number);
    return number == 2 ? watch_of({nonsense}) : watch_of({"\n"}, Answer::End::hang);
  });
  setup.wait_for([&] { return setup.requests(true) == 2; });
  CHECK(setup.requests(false) == 2);
}
