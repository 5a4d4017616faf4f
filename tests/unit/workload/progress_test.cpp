#include "workload/progress.h"

#include <catch2/catch.hpp>

using namespace lotse::workload;
using lotse::contract::decode;

namespace {

std::optional<Progress> read(const std::string& line) {
  const auto event = decode(line);
  REQUIRE(event);
  return read_progress(*event, "2026-11-24T10:00:00Z");
}

}  // namespace

TEST_CASE("the runner's progress is read with its rates and times") {
  const auto progress =
      read(R"({"event":"progress","message":"epoch 2/3 32/96  40.0 images/s","phase":"epoch 2/3",)"
           R"("done":32,"total":96,"unit":"images","per_second":40.0,"eta_seconds":1.6,)"
           R"("run_eta_seconds":4.5,"metrics":{"loss":2.5,"name":"x"}})");
  REQUIRE(progress);
  CHECK(progress->phase == "epoch 2/3");
  CHECK(progress->done == 32);
  CHECK(progress->total == 96);
  CHECK(progress->per_second == 40);
  CHECK(progress->run_eta_seconds == 4.5);
  CHECK(progress->metrics == json{{"loss", 2.5}});
  CHECK(to_json(*progress)["etaSeconds"] == 1.6);
}

TEST_CASE("other events are no progress, and a line of any other program does no harm") {
  CHECK_FALSE(read(R"({"event":"epoch","message":"epoch 1/2","epoch":1})"));
  const auto odd = read(
      R"({"event":"progress","message":"a\u001b[31m\nb","done":1e300,"total":-5,"unit":7,"metrics":[1],)"
      R"("eta_seconds":"soon"})");
  REQUIRE(odd);
  CHECK(odd->message == "a\\x1b[31m\\nb");
  CHECK(odd->done == 1'000'000'000'000'000);
  CHECK(odd->total == 0);
  CHECK(odd->unit.empty());
  CHECK_FALSE(odd->eta_seconds);
  CHECK(to_json(*odd)["metrics"] == json::object());
  CHECK(to_json(*odd)["perSecond"].is_null());
}
