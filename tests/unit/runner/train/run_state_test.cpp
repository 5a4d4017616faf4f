#include "runner/train/run_state.h"

#include <catch2/catch.hpp>

#include "base/files.h"

namespace lotse::runner::train {

TEST_CASE("a state that is older than an option counts as one with its default", "[run-state]") {
  const base::TemporaryFolder folder;
  const auto file = folder.path() / "state.safetensors";
  auto weight = torch::tensor({1.0F, 2.0F});
  write_run_state(file, {{"w", weight}}, {{"batch", 16}}, {"map50", "map50_95"},
                  {3, 4, 5, 2, {0.75, 0.5}, {0.25, 0.125}});
  const nlohmann::json defaults = {{"batch", 8}, {"flipud", 0.0}};

  weight.zero_();
  const auto read = read_run_state(file, {{"w", weight}}, {{"batch", 16}, {"flipud", 0.0}},
                                   {"map50", "map50_95"}, defaults);
  REQUIRE(read);
  CHECK(read->epoch == 3);
  CHECK(read->steps == 5);
  CHECK(read->best == std::vector{0.75, 0.5});
  CHECK(read->latest == std::vector{0.25, 0.125});
  CHECK(weight[1].item<float>() == 2);

  CHECK_THROWS_WITH(
      read_run_state(file, {{"w", weight}}, {{"batch", 16}, {"flipud", 0.5}}, {}, defaults),
      Catch::Contains("flipud was 0.0, now it is 0.5"));
  CHECK_THROWS_WITH(read_run_state(file, {{"w", weight}}, {{"batch", 8}}, {}, defaults),
                    Catch::Contains("batch was 16, now it is 8"));
}

}  // namespace lotse::runner::train
