// The loops that work on many pixels at once, beside the plainest way to write them down: the same
// to the bit.
#include "runner/detect/warp_rows.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "runner/detect/mosaic.h"
#include "runner/detect/warp.h"
#include "runner/media/colours.h"
#include "runner/media/letterbox.h"
#include "runner/task/random.h"

using namespace lotse::runner;
using namespace lotse::runner::detect;
using task::Random;

namespace {

Sample noise(int width, int height, Random& random) {
  Sample sample{media::blank(width, height, 0), {}};
  for (auto& byte : sample.image.rgb) byte = static_cast<uint8_t>(random.next() >> 56);
  return sample;
}

/// A channel between four pixels, grey outside; the place in 256ths.
uint8_t between(const media::Image& from, int64_t x, int64_t y, int channel) {
  const auto value = [&](int64_t column, int64_t row) -> int64_t {
    const bool there = column >= 0 && column < from.width && row >= 0 && row < from.height;
    return there ? from.at(static_cast<int>(column), static_cast<int>(row))[channel] : grey;
  };
  const int64_t left = x >> 8, top = y >> 8, right = x & 255, lower = y & 255;
  const int64_t above = value(left, top) * (256 - right) + value(left + 1, top) * right,
                below = value(left, top + 1) * (256 - right) + value(left + 1, top + 1) * right;
  return static_cast<uint8_t>((above * (256 - lower) + below * lower + 32768) >> 16);
}

/// `source(x, y)` is where a pixel of the square reads, from centre to centre.
template <class Source>
media::Image plainly(const media::Image& from, int side, Source&& source) {
  auto picture = media::blank(side, side, 0);
  for (int y = 0; y < side; ++y)
    for (int x = 0; x < side; ++x)
      for (int c = 0; c < 3; ++c) {
        const auto [sx, sy] = source(x, y);
        const auto fixed = [](double at) {
          return static_cast<int64_t>(std::floor(std::clamp(at, -1e6, 1e6) * 256));
        };
        picture.at(x, y)[c] = between(from, fixed(sx), fixed(sy), c);
      }
  return picture;
}

media::Image picture_of(int side, const std::function<void(const TakeRow&)>& make) {
  return as_sample(side,
                   [&](const TakeRow& take) {
                     make(take);
                     return Labels{};
                   })
      .image;
}

/// Four pictures of any sizes, down to a single pixel, around any point.
struct Scene {
  std::vector<Sample> samples;
  Collage collage{0, 0};

  Scene(int side, Random& random) {
    const auto length = [&] { return 1 + static_cast<int>(random.below(side)); };
    for (int i = 0; i < 4; ++i) samples.push_back(noise(length(), length(), random));
    collage =
        mosaic({&samples[0], &samples[1], &samples[2], &samples[3]}, side, length(), length());
  }
};

}  // namespace

TEST_CASE("rows that are zoomed and moved are those of the whole canvas, to the bit") {
  Random random({17});
  for (int round = 0; round < 200; ++round) {
    const int side = 1 + static_cast<int>(random.below(round < 100 ? 12 : 90));
    const Scene scene(side, random);
    const double zoom = round % 3 == 0 ? random.uniform(0.01, 9) : random.uniform(0.5, 1.5),
                 left = random.uniform(-3.0, 2.0) * side, top = random.uniform(-3.0, 2.0) * side;
    CAPTURE(round, side, zoom, left, top);
    const auto expected = plainly(put_together(scene.collage).image, side, [&](int x, int y) {
      return std::pair((x + 0.5 - left) / zoom - 0.5, (y + 0.5 - top) / zoom - 0.5);
    });
    const auto given = picture_of(side, [&](const TakeRow& take) {
      stretch_rows(scene.collage, side, zoom, left, top, take);
    });
    REQUIRE(given.rgb == expected.rgb);
  }
}

TEST_CASE("rows by any matrix are those of the whole canvas, to the bit") {
  Random random({18});
  for (int round = 0; round < 100; ++round) {
    const int side = 1 + static_cast<int>(random.below(round < 50 ? 12 : 90));
    const Scene scene(side, random);
    // The inverse is exact: quarters only, so that no rounding makes a difference.
    const auto quarters = [&](int64_t most) {
      return static_cast<double>(random.below(8 * most) - 4 * most) / 4;
    };
    const double a = quarters(2), b = quarters(2), left = quarters(side), top = quarters(side);
    if (a * a + b * b == 0) continue;
    CAPTURE(round, side, a, b, left, top);
    const Matrix matrix = {a, b, left, -b, a, top, 0, 0, 1};
    const double factor = a * a + b * b;
    const auto expected = plainly(put_together(scene.collage).image, side, [&](int x, int y) {
      const double u = x + 0.5 - left, v = y + 0.5 - top;
      return std::pair((a * u - b * v) / factor - 0.5, (b * u + a * v) / factor - 0.5);
    });
    const auto given = picture_of(
        side, [&](const TakeRow& take) { warp_rows(scene.collage, side, matrix, take); });
    REQUIRE(given.rgb == expected.rgb);
  }
}

TEST_CASE("a row of a collage: the later picture over the earlier, grey around and beyond") {
  Sample one{media::blank(3, 2, 1), {}}, other{media::blank(2, 2, 2), {}};
  Collage collage(4, 3);
  collage.pieces = {{&one, 0, 0}, {&other, 2, 1}};
  const auto row = [&](int y) {
    std::vector<uint8_t> rgb(6 * 3);
    copy_row(collage, y, -1, 5, rgb.data());
    std::vector<int> reds;
    for (size_t i = 0; i < rgb.size(); i += 3) reds.push_back(rgb[i]);
    return reds;
  };
  CHECK((row(-1) == std::vector<int>{114, 114, 114, 114, 114, 114}));
  CHECK((row(0) == std::vector<int>{114, 1, 1, 1, 114, 114}));
  CHECK((row(1) == std::vector<int>{114, 1, 1, 2, 2, 114}));
  CHECK((row(2) == std::vector<int>{114, 114, 114, 2, 2, 114}));
  CHECK((row(3) == std::vector<int>{114, 114, 114, 114, 114, 114}));
}

TEST_CASE("colours are those of hue, saturation and value, within half a step and rounding") {
  Random random({19});
  for (int round = 0; round < 300; ++round) {
    const double hue = random.uniform(-1, 1), saturation = random.uniform(0, 2),
                 value = random.uniform(0, 2);
    auto picture = noise(1 + static_cast<int>(random.below(40)), 3, random).image;
    const auto before = picture;
    media::change_colours(picture, hue, saturation, value);
    CAPTURE(hue, saturation, value);
    for (size_t i = 0; i < before.rgb.size(); i += 3) {
      const double r = before.rgb[i], g = before.rgb[i + 1], b = before.rgb[i + 2];
      const double high = std::max({r, g, b}), range = high - std::min({r, g, b});
      double sixths = 0;
      if (range > 0)
        sixths = high == r   ? (g - b) / range
                 : high == g ? 2 + (b - r) / range
                             : 4 + (r - g) / range;
      const double v = std::min(high * value, 255.0);
      const double chroma = v * std::min(high > 0 ? range / high * saturation : 0, 1.0);
      for (size_t c = 0; c < 3; ++c) {
        double k = std::fmod(5 - 2 * static_cast<double>(c) + sixths + hue * 6 + 60, 6);
        k = std::max(0.0, std::min({k, 4 - k, 1.0}));
        REQUIRE(picture.rgb[i + c] == Approx(v - chroma * k).margin(0.502));
      }
    }
  }
}

// Beside what comes of it without FMA. With it (-ffp-contract=fast and AVX-512) colours and sizes
// were others.
TEST_CASE("colours, warps and sizes: the same bytes with whatever registers a processor has") {
  Random random({20});
  uint64_t colours = 0, warps = 0, sizes = 0;
  const auto add = [](uint64_t& hash, const media::Image& picture) {
    for (const auto byte : picture.rgb) hash = (hash ^ byte) * 1099511628211U;  // FNV-1a
  };
  for (int round = 0; round < 8; ++round) {
    auto picture = noise(640, 480, random);
    add(sizes, media::resize(picture.image, 500 + static_cast<int>(random.below(400)), 333));
    Collage collage(640, 480);
    collage.pieces = {{&picture, 0, 0}};
    Matrix matrix = {1, 0, 0, 0, 1, 0, 0, 0, 1};
    for (const size_t i : {0, 1, 3, 4}) matrix[i] += random.uniform(-0.5, 0.5);
    for (const size_t i : {6, 7}) matrix[i] = random.uniform(-0.001, 0.001);
    add(warps,
        picture_of(640, [&](const TakeRow& take) { warp_rows(collage, 640, matrix, take); }));
    media::change_colours(picture.image, random.uniform(-1, 1), random.uniform(0, 2),
                          random.uniform(0, 2));
    add(colours, picture.image);
  }
  CHECK(colours == 0xd2cd765a883b6a9a);
  CHECK(warps == 0x49d7a4bf92c6f627);
  CHECK(sizes == 0xc577ce256c173458);
}
