#include "runner/task/source.h"

#include <catch2/catch.hpp>

using namespace lotse::runner::task;
using nlohmann::json;

TEST_CASE("the side of a network's pictures: as asked for, as trained, or the family's own") {
  Source source;
  CHECK(side_for(source, 0, 640) == 640);
  source.weights.emplace();
  const auto side = [&](const json& metadata) {
    source.weights->metadata = metadata;
    return side_for(source, 0, 640);
  };
  CHECK(side(json::object()) == 640);
  CHECK(side({{"imgsz", "96"}}) == 96);
  CHECK(side({{"train_args", {{"imgsz", 320}}}}) == 320);
  CHECK(side_for(source, 64, 640) == 64);
  // What a file says is not to be believed.
  CHECK(side({{"imgsz", "100"}}) == 640);
  CHECK(side({{"imgsz", "-32"}}) == 640);
  CHECK(side({{"imgsz", "many"}}) == 640);
  CHECK(side({{"imgsz", "99999999999"}}) == 640);
  CHECK(side({{"train_args", {{"imgsz", json::array({320, 320})}}}}) == 640);
}
