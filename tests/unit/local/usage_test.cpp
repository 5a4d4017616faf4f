#include "local/usage.h"

#include "unit/local/place.h"

using namespace lotse::local;

TEST_CASE("what a pod uses is read of its processes, and only of those that run") {
  Place place;
  place.store.apply("runs", {claim(), job("runs", {"sleep"}, 2)}, place.options);
  std::vector<std::string> pods;
  // A pod is written down after its process has begun.
  REQUIRE(place.eventually("runs", [&](const auto& objects) {
    pods.clear();
    for (const auto& object : objects)
      if (object.at("kind") == "Pod") pods.push_back(object.at("metadata").at("name"));
    return pods.size() == 2 && processes(place) == 2;
  }));
  auto asked = pods;
  asked.push_back("nobody");
  const auto usages = usage_of(asked, 100ms);
  REQUIRE(usages.size() == 2);
  for (const auto& pod : pods) {
    CHECK(usages.at(pod).memory_bytes > 1 << 18);
    CHECK(usages.at(pod).cpu_milliseconds_a_second < 900);  // it sleeps
  }
  place.store.stop("runs", 1s);
  CHECK(usage_of(pods, 1ms).empty());
  CHECK(usage_of({}, 10s).empty());
}
