#include "runner/media/buffers.h"

#include <catch2/catch.hpp>

using lotse::runner::media::Buffers;

TEST_CASE("buffers: one that came back is used again, while its size is wanted") {
  Buffers buffers;
  auto first = buffers.get(1000);
  auto* const place = first.get();
  const auto second = buffers.get(1000);
  CHECK(second.get() != place);
  first.reset();
  CHECK(buffers.get(1000).get() == place);
  const auto other = buffers.get(2000);
  CHECK(buffers.get(1000).get() != nullptr);
}

TEST_CASE("buffers: may live longer than what they came from") {
  std::shared_ptr<uint8_t[]> alone;
  {
    Buffers buffers;
    alone = buffers.get(10);
  }
  alone[9] = 7;
  CHECK(alone[9] == 7);
}
