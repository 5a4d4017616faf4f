#include "runner/foreign.h"

#include <catch2/catch.hpp>
#include <new>

#include "torch/torch.h"

using namespace lotse;
using Catch::Matchers::Contains;

TEST_CASE("what libtorch throws is one line, without a call stack") {
  try {
    torch::zeros({2, 3}).view({4});
    FAIL("no error");
  } catch (const std::exception& error) {
    REQUIRE_THAT(error.what(), Contains("\n"));
    const auto told = runner::from_foreign(error);
    CHECK(told.kind() == base::ErrorKind::failed);
    CHECK_THAT(told.what(), Contains("shape '[4]' is invalid") && !Contains("\n"));
  }
}

TEST_CASE("memory that is not there is told with its size") {
  try {
    torch::empty({int64_t{1} << 55});
    FAIL("no error");
  } catch (const std::exception& error) {
    const auto told = runner::from_foreign(error);
    CHECK_THAT(told.what(), Contains("not enough memory for another 144115188076 MB"));
    CHECK_THAT(told.hint(), Contains("--imgsz"));
  }
  CHECK_THAT(runner::from_foreign(std::bad_alloc()).what(), Contains("not enough memory"));
}
