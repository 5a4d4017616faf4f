#include "runner/media/resample.h"

#include <catch2/catch.hpp>

using namespace lotse::runner::media;

namespace {

Image grey_row(const std::vector<uint8_t>& values) {
  auto image = blank(static_cast<int>(values.size()), 1, 0);
  for (size_t i = 0; i < values.size(); ++i)
    for (size_t c = 0; c < 3; ++c) image.rgb[3 * i + c] = values[i];
  return image;
}

std::vector<int> first_channel(const Image& image) {
  std::vector<int> values;
  for (size_t i = 0; i < image.rgb.size(); i += 3) values.push_back(image.rgb[i]);
  return values;
}

}  // namespace

// tests/unit/runner/classify/parity_test.cpp holds it to Pillow's numbers.
TEST_CASE("resample: a pixel is the mean of those it stands for, weighted by a triangle") {
  // Around 1 and 3, each reaching 2 to either side: weights 3:3:1 and 1:3:3.
  const auto two = resample(grey_row({0, 70, 140, 210}), {0, 0, 4, 1}, 2, 1);
  CHECK(first_channel(two) == std::vector<int>{50, 160});
  const auto four = resample(grey_row({0, 100}), {0, 0, 2, 1}, 4, 1);
  CHECK(first_channel(four) == std::vector<int>{0, 25, 75, 100});
}

TEST_CASE("resample: nothing outside of the part counts") {
  const auto row = grey_row({255, 10, 20, 255});
  CHECK(first_channel(resample(row, {1, 0, 2, 1}, 2, 1)) == std::vector<int>{10, 20});
  CHECK(first_channel(resample(row, {1, 0, 2, 1}, 1, 1)) == std::vector<int>{15});
  CHECK(first_channel(cut(row, {2, 0, 2, 1})) == std::vector<int>{20, 255});
}

TEST_CASE("resample: one colour stays that colour") {
  const auto image = blank(37, 23, 201);
  for (const auto byte : resample(image, {3, 2, 30, 20}, 7, 41).rgb) REQUIRE(byte == 201);
}
