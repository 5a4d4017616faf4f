// What validation is made of: canvases, confusion, the operating point.
#include <catch2/catch.hpp>

#include "runner/detect/canvases.h"
#include "runner/detect/confusion.h"
#include "runner/detect/operating_point.h"

using namespace lotse::runner;
using namespace lotse::runner::detect;

TEST_CASE("canvases: pictures of like shape together, on the canvas that just holds them") {
  // Two wide ones, a square, a tall one.
  const auto canvases = fitted_canvases({{160, 160}, {160, 80}, {60, 160}, {160, 100}}, 160, 2);
  REQUIRE(canvases.size() == 2);
  CHECK(canvases[0].pictures == std::vector<int64_t>{1, 3});
  CHECK(canvases[0].width == 192);   // 160 and half a stride, in strides of 32
  CHECK(canvases[0].height == 128);  // 100 and half a stride
  CHECK(canvases[1].pictures == std::vector<int64_t>{0, 2});
  CHECK(canvases[1].width == 192);  // the square one is in it
  CHECK(canvases[1].height == 192);
  CHECK(fitted_canvases({{60, 160}}, 160, 2)[0].width == 96);
  CHECK(square_canvases({4, 2, 7}, 64, 2)[1].pictures == std::vector<int64_t>{7});
}

TEST_CASE("confusion: each object and each detection once, the closest pairs first") {
  Confusion confusion(2);
  const std::vector<TruthBox> truth = {
      {{0, 0, 10, 10}, 0}, {{20, 0, 30, 10}, 1}, {{50, 50, 60, 60}, 0}};
  confusion.add(
      {
          {{0, 0, 10, 10}, 0, 0.9F},     // right
          {{0, 0, 10, 9}, 1, 0.9F},      // its object is taken: a detection of nothing
          {{20, 0, 30, 10}, 0, 0.6F},    // taken for class 0
          {{50, 50, 60, 60}, 0, 0.25F},  // not sure enough: nobody found it
      },
      truth);
  CHECK(confusion.counts() == std::vector<std::vector<int64_t>>{{1, 0, 1}, {1, 0, 0}, {0, 1, 0}});
}

TEST_CASE("operating point: where precision and recall are best together") {
  // Ten right ones above 0.6, ten wrong ones below 0.4.
  auto rows = torch::zeros({20, 12}, torch::kFloat64);
  for (int64_t i = 0; i < 20; ++i) {
    rows[i][0] =
        i < 10 ? 0.9 - 0.03 * static_cast<double>(i) : 0.4 - 0.03 * static_cast<double>(i - 10);
    rows[i][2] = i < 10 ? 1 : 0;
  }
  const auto point = operating_point(rows, {10, 0});
  CHECK(point.confidence > 0.4);
  CHECK(point.confidence < 0.65);
  CHECK(point.precision > 0.95);  // the curve falls from the last right one to the first wrong one
  CHECK(point.recall > 0.9);
  CHECK(point.class_recall[1] == -1);
  CHECK(operating_point(torch::zeros({0, 12}, torch::kFloat64), {3}).recall == 0);
  CHECK(operating_point(torch::zeros({0, 12}, torch::kFloat64), {0}).confidence == 0);
}
