// What the reference implementation makes of the same pictures with the same draws
// (tests/parity/augment.py), beside ours.
#include <catch2/catch.hpp>
#include <cmath>
#include <nlohmann/json.hpp>

#include "../parity_pictures.h"
#include "base/files.h"
#include "runner/detect/mix.h"
#include "runner/detect/mosaic.h"
#include "runner/detect/warp.h"
#include "runner/media/colours.h"
#include "runner/media/flip.h"
#include "runner/media/pixels.h"

using namespace lotse::runner;
using namespace lotse::runner::detect;
using nlohmann::json;

namespace {

const json& fixture() {
  static const auto all = json::parse(lotse::base::read_file("tests/parity/augment.json"));
  return all;
}

Sample with_objects(int width, int height, int phase, bool outlines) {
  Sample sample{
      pattern(width, height, phase),
      {{0, 20, 30, 90, 80}, {1, 100, 10, 150, 60}, {2, 5, 90, 30, 118}, {3, 120, 70, 158, 118}}};
  if (outlines)
    sample.outlines = {{{20, 30}, {90, 40}, {80, 80}, {30, 70}},
                       {{125, 10}, {150, 35}, {125, 60}, {100, 35}},
                       {{5, 90}, {30, 95}, {20, 118}},
                       {{120, 70}, {158, 70}, {158, 118}, {120, 118}}};
  return sample;
}

void compare_boxes(const json& expected, const std::vector<Box>& given, double margin) {
  REQUIRE(given.size() == expected["boxes"].size());
  for (size_t i = 0; i < given.size(); ++i) {
    const auto row = expected["boxes"][i].get<std::vector<double>>();
    CAPTURE(i, row, given[i].x1, given[i].y1, given[i].x2, given[i].y2);
    CHECK(given[i].class_id == static_cast<int64_t>(row[0]));
    CHECK(given[i].x1 == Approx(row[1]).margin(margin));
    CHECK(given[i].y1 == Approx(row[2]).margin(margin));
    CHECK(given[i].x2 == Approx(row[3]).margin(margin));
    CHECK(given[i].y2 == Approx(row[4]).margin(margin));
  }
}

Warp warp_of(const json& draws) {
  return {draws["zoom"],    draws["shift_x"], draws["shift_y"],       draws["rotation"],
          draws["shear_x"], draws["shear_y"], draws["perspective_x"], draws["perspective_y"]};
}

/// With pixels' centres at whole numbers, as the reference has them, instead of half a pixel on.
Matrix for_their_centres(const Matrix& m) {
  Matrix r = m;
  for (size_t row = 0; row < 3; ++row) r[3 * row + 2] -= 0.5 * (m[3 * row] + m[3 * row + 1]);
  for (size_t i = 0; i < 3; ++i) r[i] += 0.5 * r[6 + i], r[3 + i] += 0.5 * r[6 + i];
  return r;
}

}  // namespace

TEST_CASE("parity: warps: the matrix, pictures and boxes", "[parity]") {
  for (const auto& one : fixture()["warp"]) {
    INFO(one["draws"].dump());
    const int side = one["side"];
    const bool outlines = one["outlines"];
    const auto sample = with_objects(160, 120, 1, outlines);
    const auto warp = warp_of(one["draws"]);
    const auto matrix = warp_matrix(warp, 160, 120, side);
    for (size_t i = 0; i < 9; ++i)
      CHECK(matrix[i] == Approx(one["matrix"][i].get<double>()).margin(1e-4).epsilon(1e-5));
    const auto seen = as_sample(side, [&](const TakeRow& take) {
      warp_rows(sample, side, for_their_centres(matrix), take);
      return Labels{};
    });
    compare_pictures(one, seen.image, {0.3, 2, 4});
    // Theirs follow an outline by a thousand points, of which those count that are seen.
    const auto objects = warped_onto(sample, side, warp, [](int, const media::Pixels&) {});
    compare_boxes(one, objects.boxes, outlines ? 0.5 : 2e-3);
  }
}

TEST_CASE("parity: mosaics of four and of nine", "[parity]") {
  for (const auto* const kind : {"mosaic", "mosaic9"}) {
    for (const auto& one : fixture()[kind]) {
      const int side = one["side"];
      std::vector<Sample> samples;
      for (const auto& size : one["sizes"]) {
        const int w = size[0], h = size[1], i = static_cast<int>(samples.size());
        Sample sample{pattern(w, h, i), {}};
        sample.boxes = {{i, 2, 3, w - 1.0, h - 2.0},
                        {10 + i, static_cast<double>(w / 4), static_cast<double>(h / 4),
                         static_cast<double>(w / 2), static_cast<double>(h / 2)}};
        samples.push_back(sample);
      }
      std::vector<const Sample*> all;
      for (const auto& sample : samples) all.push_back(&sample);
      const auto joined = put_together(all.size() == 4 ? mosaic(all, side, one["x"], one["y"])
                                                       : mosaic_of_nine(all, side));
      compare_pictures(one, joined.image, {0, 0, 0});
      compare_boxes(one, joined.boxes, 1e-4);
    }
  }
}

TEST_CASE("parity: mixup", "[parity]") {
  for (const auto& one : fixture()["mixup"]) {
    Sample onto{pattern(96, 96, 2), {{1, 5, 6, 50, 60}}};
    mix_up(onto, {pattern(96, 96, 5), {{2, 20, 9, 90, 33}}}, one["part"]);
    compare_pictures(one, onto.image, {0.1, 1, 1});
    compare_boxes(one, onto.boxes, 1e-4);
  }
}

TEST_CASE("parity: cutmix", "[parity]") {
  for (const auto& one : fixture()["cutmix"]) {
    INFO(one["kept"] << " " << one["x"]);
    Sample onto{pattern(96, 96, 2), {{1, 1, 1, 12, 12}}};
    const auto area = cut_area(96, 96, one["x"], one["y"], one["kept"]);
    REQUIRE(is_free(area, onto));
    cut_mix(onto,
            {pattern(96, 96, 5), {{2, 20, 9, 90, 33}, {3, 60, 50, 80, 90}, {4, 0, 0, 25, 96}}},
            area);
    compare_pictures(one, onto.image, {0, 0, 0});
    compare_boxes(one, onto.boxes, 1e-4);
  }
}

TEST_CASE("parity: copy-paste", "[parity]") {
  for (const auto& one : fixture()["copy_paste"]) {
    INFO(one["part"]);
    Sample sample{
        pattern(160, 120, 1),
        {{0, 10, 10, 40, 40}, {1, 60, 50, 100, 90}, {2, 100, 80, 130, 110}, {3, 20, 70, 36, 116}},
        {{{10, 10}, {40, 15}, {30, 40}},
         {{60, 50}, {100, 50}, {100, 90}, {60, 90}},
         {{115, 80}, {130, 95}, {115, 110}, {100, 95}},
         {{20, 70}, {36, 80}, {30, 116}}}};
    copy_paste(sample, one["part"]);
    // The outermost pixels of what is pasted may be theirs or ours.
    compare_pictures(one, sample.image, {0.7, 0, 255});
    compare_boxes(one, sample.boxes, 1e-3);
  }
}

TEST_CASE("parity: colours", "[parity]") {
  for (const auto& one : fixture()["colours"]) {
    INFO(one["hue"] << " " << one["saturation"] << " " << one["value"]);
    auto picture = pattern(160, 120, 3);
    media::change_colours(picture, one["hue"], 1 + one["saturation"].get<double>(),
                          1 + one["value"].get<double>());
    // Theirs counts hue in steps of two degrees, and saturation and value in 255ths.
    compare_pictures(one, picture, {1.5, 5, 10});
  }
}

TEST_CASE("parity: red and blue exchanged", "[parity]") {
  for (const auto& one : fixture()["bgr"]) {
    auto picture = pattern(160, 120, 1);
    media::Pixels pixels(picture.rgb.size() / 3);
    media::unpack(picture.rgb.data(), pixels.size(), pixels.data());
    if (one["exchanged"]) media::swap_red_and_blue(pixels.data(), pixels.size());
    media::pack(pixels.data(), pixels.size(), picture.rgb.data());
    compare_pictures(one, picture, {0, 0, 0});
  }
}

TEST_CASE("parity: flips", "[parity]") {
  for (const auto& one : fixture()["flip"]) {
    auto sample = with_objects(160, 120, 1, true);
    auto& picture = sample.image;
    Labels objects{sample.boxes, sample.outlines};
    if (one["direction"] == "horizontal")
      media::mirror(picture), mirror(objects, 160);
    else
      media::turn_upside_down(picture), turn_upside_down(objects, 120);
    compare_pictures(one, picture, {0, 0, 0});
    compare_boxes(one, objects.boxes, 1e-3);
  }
}
