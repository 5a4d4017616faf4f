#include "runner/task/progress.h"

#include <catch2/catch.hpp>

using namespace lotse;
using runner::task::Progress;

TEST_CASE("progress: a step that takes long is told about while it lasts, and then what is left") {
  std::vector<contract::Event> events;
  std::mutex mutex;
  const runner::task::Emit emit = [&](const contract::Event& event) {
    const std::lock_guard lock(mutex);
    events.push_back(event);
  };
  const auto wait_for = [&](size_t count) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (std::chrono::steady_clock::now() < limit) {
      const std::lock_guard lock(mutex);
      if (events.size() >= count) return true;
    }
    return false;
  };
  {
    Progress progress(emit, "epoch 1/9", "images", [](double) { return 7200.0; });
    progress.at(0, 32);
    REQUIRE(wait_for(1));
    progress.at(16, 32, "  loss 2.5", {{"loss", 2.5}});
    REQUIRE(wait_for(2));
    progress.at(32, 32);
  }
  CHECK_THAT(events[0].message, Catch::Contains("epoch 1/9 0/32  the first images have taken"));
  CHECK_FALSE(events[0].fields.contains("per_second"));
  const auto& second = events[1];
  CHECK_THAT(second.message, Catch::Contains(" images/s  2.0 h left  loss 2.5"));
  CHECK(second.fields["per_second"].get<double>() > 0);
  CHECK(second.fields["run_eta_seconds"] == second.fields["eta_seconds"].get<double>() + 7200);
  CHECK(second.fields["metrics"]["loss"] == 2.5);
  CHECK(events.back().fields["done"] == 32);
}

TEST_CASE("rough times") {
  CHECK(runner::task::rough_time(53.2) == "53 s");
  CHECK(runner::task::rough_time(14 * 60 + 5) == "14 min");
  CHECK(runner::task::rough_time(7.1 * 3600) == "7.1 h");
}
