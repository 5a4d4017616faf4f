#include "runner/task/loader.h"

#include <catch2/catch.hpp>
#include <set>

using namespace lotse::runner::task;

TEST_CASE("batches: one set for any number of ranks, each picture once an epoch") {
  std::set<int64_t> seen;
  for (int64_t b = 0; b < 5; ++b) {
    const auto whole = global_batch(7, 3, b, 8, 40);
    auto parts = share(whole, 0, 2);
    CHECK(parts.size() == 4);
    const auto second = share(whole, 1, 2);
    parts.insert(parts.end(), second.begin(), second.end());
    CHECK(std::set<int64_t>(parts.begin(), parts.end()) ==
          std::set<int64_t>(whole.begin(), whole.end()));
    seen.insert(whole.begin(), whole.end());
  }
  CHECK(seen.size() == 40);
  CHECK(global_batch(7, 3, 0, 8, 40) != global_batch(7, 4, 0, 8, 40));
  CHECK(global_batch(7, 3, 0, 8, 5).size() == 8);
}

TEST_CASE("an epoch's order is a permutation, and knows where each example stands") {
  const auto order = epoch_order(7, 3, 40);
  CHECK(epoch_order(7, 3, 40) == order);
  for (int64_t i = 0; i < 40; ++i)
    CHECK(order->examples[static_cast<size_t>(order->places[static_cast<size_t>(i)])] == i);
  CHECK(epoch_order(7, 4, 40)->examples != order->examples);
  CHECK(epoch_order(8, 3, 40)->examples != order->examples);
}
