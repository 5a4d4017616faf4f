#include <signal.h>

#include <atomic>
#include <thread>

#include "unit/local/place.h"

using namespace lotse::local;
namespace object = lotse::object;

TEST_CASE("what cannot be honoured is refused by name") {
  Place place;
  json wrong = job("wrong", {"echo"});
  auto& spec = wrong["spec"]["template"]["spec"];
  spec["containers"][0]["image"] = "example.test/nginx:1";
  spec["initContainers"] = json::array({json::object()});
  wrong["spec"]["successPolicy"] = json::object();
  std::string text;
  try {
    place.store.apply("wrong", {wrong, {{"kind", "StatefulSet"}, {"metadata", {{"name", "x"}}}}},
                      place.options);
  } catch (const lotse::base::Error& e) {
    CHECK(e.kind() == lotse::base::ErrorKind::invalid);
    for (const auto& one : e.diagnostics()) text += to_string(one) + "\n";
  }
  for (const char* part :
       {"nginx", "initContainers", "successPolicy", "StatefulSet", "no claim data"})
    CHECK_THAT(text, Catch::Contains(part));
  CHECK(place.store.workloads().empty());
  CHECK_THROWS_AS(place.store.snapshot("nothing"), lotse::base::Error);
}

TEST_CASE("a killed supervisor leaves no process, and is not lied about") {
  Place place;
  const std::string verb = GENERATE("sleep", "deaf");
  place.store.apply("lost", {claim(), job("lost", {verb}, 2)}, place.options);
  REQUIRE(place.eventually("lost", [](const auto& objects) {
    return object::number_at(*find_object(objects, "Job", "lost"), {"status", "active"}) == 2;
  }));
  const json record = read_json(place.store.folder("lost") / "supervisor.json").value_or(json());
  REQUIRE(::kill(record.at("pid").get<pid_t>(), SIGKILL) == 0);
  REQUIRE(place.eventually("lost", [&](const auto&) {
    return place.store.supervisor("lost") == SupervisorState::lost;
  }));
  CHECK(Place::has_condition(place.object("lost", "Job", "lost"), "SupervisorLost"));
  CHECK(place.eventually("lost", [&](const auto&) { return processes(place) == 0; }));

  place.store.apply("lost", {claim(), job("lost", {verb}, 2)}, place.options);
  CHECK(place.eventually("lost", [](const auto& objects) {
    const json* one = find_object(objects, "Job", "lost");
    return object::number_at(*one, {"status", "active"}) == 2 &&
           !Place::has_condition(*one, "SupervisorLost");
  }));
}

TEST_CASE("a damaged file is named, hides no other workload, and can be removed") {
  Place place;
  place.store.apply("cut", {claim(), job("cut", {"sleep"})}, place.options);
  place.store.apply("good", {job("good", {"sleep"})}, place.options);
  REQUIRE(place.eventually("cut", [&](const auto&) { return processes(place) == 2; }));
  const char* which = GENERATE("wanted.json", "objects.json");
  const std::string content = GENERATE("{\"manifests\": [", "[3]", "{}", "{\"manifests\": [{}]}");
  const auto file = place.store.folder("cut") / which;
  lotse::base::write_file_atomic(file, content);
  try {
    place.store.snapshot("cut");
    FAIL("accepted");
  } catch (const lotse::base::Error& error) {
    CHECK_THAT(error.what(), Catch::Contains(file.string()) && !Catch::Contains("json.exception"));
    place.store.remove("cut", false);
  }
  CHECK(place.store.snapshot("good").size() >= 2);
  CHECK(place.store.workloads() == std::vector<std::string>{"good"});
  CHECK(place.eventually("good", [&](const auto&) { return processes(place) == 1; }));
}

TEST_CASE("a name is no path") {
  Place place;
  for (const char* wrong : {"../workloads/x", "a/b", "..", "", "A", "a b"})
    CHECK_THROWS_AS(place.store.folder(wrong), lotse::base::Error);
}

TEST_CASE("remove leaves no process and no folder but those of claims") {
  Place place;
  place.store.apply("gone", {claim(), job("gone", {"sleep"})}, place.options);
  REQUIRE(place.eventually("gone", [&](const auto&) { return processes(place) == 1; }));
  place.store.remove("gone", false);
  CHECK(processes(place) == 0);
  CHECK(fs::exists(place.store.claim_folder("data")));
  CHECK_FALSE(fs::exists(place.store.folder("gone")));
  place.store.apply("gone", {claim(), job("gone", {"echo"})}, place.options);
  place.store.remove("gone", true);
  CHECK_FALSE(fs::exists(place.store.claim_folder("data")));
}

TEST_CASE("who looked earlier does not stop what another one started") {
  Place place;
  place.store.apply("one", {claim(), job("one", {"sleep"})}, place.options);
  REQUIRE(place.eventually("one", [&](const auto&) { return processes(place) == 1; }));
  CHECK_FALSE(place.store.stop("one", 1s, 0));
  CHECK(processes(place) == 1);
  CHECK(place.store.stop("one", 1s, 1) == 2);
  CHECK(processes(place) == 0);
  CHECK_FALSE(place.store.stop("two", 1s, 1));
}

TEST_CASE("a patch starts nothing that is stopped, and only what it changes the spec of") {
  Place place;
  const json anchor = {
      {"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"metadata", {{"name", "one"}}}};
  place.store.apply("one", {anchor, claim(), job("one", {"sleep"})}, place.options);
  REQUIRE(place.eventually("one", [&](const auto&) { return processes(place) == 1; }));
  place.store.stop("one", 1s);
  const json note = {{"metadata", {{"annotations", {{"note", "1"}}}}}};
  place.store.patch("one", anchor, note, place.options);
  place.store.patch("one", job("one", {}), {{"spec", {{"backoffLimit", 3}}}}, place.options);
  CHECK(place.object("one", "ConfigMap", "one")["metadata"]["annotations"]["note"] == "1");
  CHECK(place.store.supervisor("one") == SupervisorState::stopped);
}

TEST_CASE("a claim that is somebody else's is neither taken nor purged") {
  Place place;
  const auto theirs = place.store.claim_folder("data");
  fs::create_directories(theirs / "precious");
  CHECK_THROWS_AS(place.store.apply("mine", {claim(), job("mine", {"echo"})}, place.options),
                  lotse::base::Error);
  CHECK(place.store.workloads().empty());
  CHECK_FALSE(place.store.remove("mine", true).claims_removed.size() > 0);
  CHECK(fs::exists(theirs / "precious"));
}

TEST_CASE("a removal that was interrupted is ended by the next; claims can be purged later") {
  Place place;
  place.store.apply("gone", {claim(), job("gone", {"sleep"})}, place.options);
  fs::remove_all(place.store.claim_folder("data"));  // as far as it had come
  const auto again = place.store.remove("gone", true, 1s);
  CHECK(again.claims_removed == std::vector<std::string>{"data"});
  CHECK_FALSE(fs::exists(place.store.folder("gone")));

  place.store.apply("gone", {claim(), job("gone", {"sleep"})}, place.options);
  place.store.remove("gone", false, 1s);
  CHECK(place.store.remove("gone", false).claims_left == std::vector<std::string>{"data"});
  CHECK(place.store.remove("gone", true).claims_removed == std::vector<std::string>{"data"});
  CHECK_FALSE(fs::exists(place.store.claim_folder("data")));
  const auto nothing = place.store.remove("gone", true);
  CHECK((nothing.removed.empty() && nothing.claims_removed.empty() && nothing.claims_left.empty()));

  CHECK_THROWS_AS(place.store.remove("..", true), lotse::base::Error);
  fs::create_directories(place.store.folder("half") / "pods");  // killed at its very end
  CHECK(place.store.remove("half", false).removed.empty());
  CHECK_FALSE(fs::exists(place.store.folder("half")));
}

TEST_CASE("commands at the same time do not disturb each other") {
  Place place;
  std::vector<std::thread> threads;
  threads.reserve(4);
  std::atomic<int> problems{0};
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      try {
        place.store.apply("same", {claim(), job("same", {"sleep"})}, place.options);
      } catch (const std::exception&) {
        ++problems;
      }
    });
  for (auto& thread : threads) thread.join();
  CHECK(problems == 0);
  CHECK(place.eventually("same", [&](const auto&) { return processes(place) == 1; }));
}
