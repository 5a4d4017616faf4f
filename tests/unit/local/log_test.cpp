#include "local/log.h"

#include <algorithm>

#include "base/strings.h"
#include "unit/local/place.h"

using namespace lotse::local;

TEST_CASE("logs keep every line, long ones and the last one too") {
  Place place;
  place.store.apply("flood", {claim(), job("flood", {"flood", "20000"})}, place.options);
  LogOptions follow;
  follow.follow = true;
  const auto lines = place.log("flood", follow);
  REQUIRE(lines.size() == 20002);
  CHECK(lines[19999].starts_with("line 19999 "));
  CHECK(lines[20000] == std::string(40000, 'y'));
  CHECK(lines[20001] == "no newline");
}

TEST_CASE("logs are those of the run that was asked for last, from the first moment") {
  Place place;
  LogOptions follow;
  follow.follow = true;
  const auto run = [&](const char* name, const char* text) {
    place.store.apply("runs", {claim(), job(name, {"echo", text})}, place.options);
    return lotse::base::join(place.log("runs", follow), "|");
  };
  CHECK(run("first", "one") == "one");
  CHECK(run("second", "two") == "two");
  place.options.rerun = true;
  CHECK(run("second", "two") == "two");
}

TEST_CASE("a Job that is started afresh has not ended yet, from the first moment") {
  Place place;
  const std::vector<json> manifests = {claim(), job("again", {"echo"})};
  place.store.apply("again", manifests, place.options);
  REQUIRE(place.job_is("again", "Complete"));
  const auto pods_and_jobs = [&] {
    const auto objects = place.store.snapshot("again");
    return std::count_if(objects.begin(), objects.end(), [](const json& one) {
      return one.at("kind") == "Pod" || one.at("kind") == "Job";
    });
  };
  CHECK(pods_and_jobs() == 2);
  place.options.rerun = true;
  place.store.apply("again", manifests, place.options);
  CHECK(pods_and_jobs() <= 2);
  CHECK(place.job_is("again", "Complete"));
}

TEST_CASE("the last lines of a container are found without reading what was before") {
  Place place;
  place.store.apply("flood", {claim(), job("flood", {"flood", "20000"})}, place.options);
  REQUIRE(place.job_is("flood", "Complete"));
  const auto objects = place.store.snapshot("flood");
  const auto pod = std::find_if(objects.begin(), objects.end(),
                                [](const json& one) { return one.at("kind") == "Pod"; });
  REQUIRE(pod != objects.end());
  const std::string name = pod->at("metadata").at("name");
  const auto lines = place.store.last_lines("flood", name, "main", 3);
  REQUIRE(lines.size() == 3);
  CHECK(lines[0].text.starts_with("line 19999 "));
  CHECK(lines[2].text == "no newline");
  CHECK_FALSE(lines[2].time.empty());
  CHECK(place.store.last_lines("flood", name, "main", 100000).size() < 4000);
  CHECK(place.store.last_lines("flood", "nobody", "main", 3).empty());
}

TEST_CASE("the end of a log is at most 80 lines and 2 KiB, its last line whole") {
  const lotse::base::TemporaryFolder folder;
  const auto path = folder.path() / "0.log";
  CHECK(end_of_log(path).empty());
  {
    LogWriter log(path);
    for (int i = 0; i < 5000; ++i) log.write(1, "line " + std::to_string(i) + "\n");
    log.write(1, "the cause\n");
  }
  const auto few = end_of_log(path);
  CHECK(std::count(few.begin(), few.end(), '\n') == 80);
  CHECK(few.ends_with("line 4999\nthe cause\n"));
  LogWriter(path).write(0, std::string(5000, 'x') + "\n");
  CHECK(end_of_log(path) == std::string(2047, 'x') + "\n");
}
