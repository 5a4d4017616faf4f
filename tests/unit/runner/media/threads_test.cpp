#include "runner/media/threads.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <stdexcept>
#include <vector>

using lotse::runner::media::on_threads;

TEST_CASE("threads: each number once; an error ends the work and is thrown") {
  std::vector<std::atomic<int>> calls(100);
  on_threads(100, 4, [&](int64_t i) { ++calls[static_cast<size_t>(i)]; });
  for (const auto& count : calls) CHECK(count == 1);
  std::atomic<int> begun = 0;
  CHECK_THROWS_WITH(on_threads(1'000'000, 3,
                               [&](int64_t i) {
                                 ++begun;
                                 if (i == 7) throw std::runtime_error("the eighth");
                               }),
                    "the eighth");
  CHECK(begun < 1'000'000);
  on_threads(0, 3, [](int64_t) { FAIL("nothing to do"); });
}
