#include <signal.h>

#include <atomic>
#include <thread>

#include "unit/local/place.h"

using namespace lotse::local;

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
    return member<int>(*find_object(objects, "Job", "lost"), "/status/active", 0) == 2;
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
    return member<int>(*one, "/status/active", 0) == 2 &&
           !Place::has_condition(*one, "SupervisorLost");
  }));
}

TEST_CASE("a damaged file is named, hides no other workload, and can be removed") {
  Place place;
  for (const char* name : {"cut", "good"})
    place.store.apply(name, {claim(), job(name, {"sleep"})}, place.options);
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

TEST_CASE("remove leaves nothing but the claims, and says so") {
  Place place;
  place.store.apply("gone", {claim(), job("gone", {"sleep"})}, place.options);
  REQUIRE(place.eventually("gone", [&](const auto&) { return processes(place) == 1; }));
  const auto removal = place.store.remove("gone", false);
  CHECK(processes(place) == 0);
  CHECK(removal.claims_left == std::vector<std::string>{"data"});
  CHECK(std::find(removal.removed.begin(), removal.removed.end(), "job/gone") !=
        removal.removed.end());
  CHECK(fs::exists(place.store.claim_folder("data")));
  CHECK_FALSE(fs::exists(place.store.folder("gone")));

  place.store.apply("gone", {claim(), job("gone", {"echo"})}, place.options);
  CHECK(place.store.remove("gone", true).claims_removed.size() == 1);
  CHECK_FALSE(fs::exists(place.store.claim_folder("data")));
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
