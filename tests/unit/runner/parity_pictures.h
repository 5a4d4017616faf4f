#pragma once
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <vector>

#include "runner/media/codec.h"

/// The pictures of tests/parity, and what it kept of those that came of them.
namespace lotse::runner {

/// Triangle waves, as tests/parity/augment.py makes them.
inline media::Image pattern(int width, int height, int phase) {
  constexpr int slopes[3][2] = {{3, 2}, {2, 3}, {1, 4}};
  auto picture = media::blank(width, height, 0);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      for (int c = 0; c < 3; ++c)
        picture.at(x, y)[c] = static_cast<uint8_t>(std::min(
            255,
            std::abs((slopes[c][0] * x + slopes[c][1] * y + 37 * phase + 85 * c) % 510 - 255)));
  return picture;
}

/// In levels of 255: of the whole picture's mean, of most of the samples, and of single ones.
struct Tolerance {
  double mean, most, any;
};

inline void compare_pictures(const nlohmann::json& expected, const media::Image& given,
                             const Tolerance& tolerance) {
  REQUIRE(given.width == expected["width"]);
  REQUIRE(given.height == expected["height"]);
  double sums[3] = {};
  for (size_t i = 0; i < given.rgb.size(); ++i) sums[i % 3] += given.rgb[i];
  for (size_t c = 0; c < 3; ++c)
    CHECK(sums[c] * 3 / static_cast<double>(given.rgb.size()) ==
          Approx(expected["mean"][c].get<double>()).margin(tolerance.mean));
  const auto& rows = expected["samples"];
  const auto grid = static_cast<int>(rows.size()) - 1;
  std::vector<int> differences;
  for (int j = 0; j <= grid; ++j)
    for (int i = 0; i <= grid; ++i)
      for (int c = 0; c < 3; ++c)
        differences.push_back(
            std::abs(rows[static_cast<size_t>(j)][static_cast<size_t>(i)][static_cast<size_t>(c)]
                         .get<int>() -
                     given.at(i * (given.width - 1) / grid, j * (given.height - 1) / grid)[c]));
  std::sort(differences.begin(), differences.end());
  CHECK(differences[differences.size() * 95 / 100] <= tolerance.most);
  CHECK(differences.back() <= tolerance.any);
}

}  // namespace lotse::runner
