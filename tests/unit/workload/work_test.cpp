// How the work grows, by a counter and not by a clock.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <new>

#include "support/troubled_pods.h"
#include "workload/state.h"

namespace {
size_t allocations = 0;
}

void* operator new(size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, size_t) noexcept {
  std::free(memory);
}

namespace {

size_t work_for(int pods) {
  const auto objects = lotse::test::troubled_pods(pods, 5);
  const auto before = allocations;
  const auto state = lotse::workload::state_of("w", objects);
  const auto work = allocations - before;
  REQUIRE(state.pods.size() == static_cast<size_t>(pods));
  REQUIRE_FALSE(state.causes.empty());
  return work;
}

}  // namespace

TEST_CASE("the state of five times as many pods and Events is five times the work") {
  const auto few = work_for(1000);
  const auto many = work_for(5000);
  CHECK(few > 1000);
  CHECK(many < 6 * few);
}
