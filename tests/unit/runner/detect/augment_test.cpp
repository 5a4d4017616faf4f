#include "runner/detect/augment.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "runner/detect/mix.h"
#include "runner/detect/mosaic.h"
#include "runner/detect/outline.h"
#include "runner/detect/warp.h"
#include "runner/media/colours.h"
#include "runner/media/flip.h"

using namespace lotse;
using namespace lotse::runner;
using namespace lotse::runner::detect;

namespace {

/// A grey picture with one white rectangle, which its box names.
Sample rectangle(int width, int height, Box box) {
  Sample sample{media::blank(width, height, 50), {box}};
  for (int y = static_cast<int>(box.y1); y < static_cast<int>(box.y2); ++y)
    for (int x = static_cast<int>(box.x1); x < static_cast<int>(box.x2); ++x)
      std::fill(sample.image.at(x, y), sample.image.at(x, y) + 3, uint8_t{255});
  return sample;
}

/// The bounds of what is bright.
Box bright(const media::Image& picture) {
  Box box{0, 1e9, 1e9, -1, -1};
  for (int y = 0; y < picture.height; ++y) {
    for (int x = 0; x < picture.width; ++x) {
      if (picture.at(x, y)[0] < 180) continue;
      box.x1 = std::min<double>(box.x1, x), box.x2 = std::max<double>(box.x2, x + 1);
      box.y1 = std::min<double>(box.y1, y), box.y2 = std::max<double>(box.y2, y + 1);
    }
  }
  return box;
}

void check_near(const Box& a, const Box& b, double margin) {
  CHECK(a.x1 == Approx(b.x1).margin(margin));
  CHECK(a.y1 == Approx(b.y1).margin(margin));
  CHECK(a.x2 == Approx(b.x2).margin(margin));
  CHECK(a.y2 == Approx(b.y2).margin(margin));
}

/// The same, known by its outline too.
Sample outlined(int width, int height, const Box& box) {
  auto sample = rectangle(width, height, box);
  const auto x1 = static_cast<float>(box.x1), y1 = static_cast<float>(box.y1),
             x2 = static_cast<float>(box.x2), y2 = static_cast<float>(box.y2);
  sample.outlines = {{{x1, y1}, {x2, y1}, {x2, y2}, {x1, y2}}};
  return sample;
}

Sample warped(const Collage& collage, int side, const Warp& warp) {
  return as_sample(side,
                   [&](const TakeRow& take) { return warped_onto(collage, side, warp, take); });
}

}  // namespace

TEST_CASE("zoom and shift: the box goes where the pixels go") {
  const auto sample = rectangle(100, 80, {0, 40, 30, 60, 50});
  for (const double zoom : {0.6, 1.0, 1.4}) {
    const auto moved = warped(sample, 100, {zoom, 0.05, -0.1});
    REQUIRE(moved.boxes.size() == 1);
    check_near(moved.boxes[0], bright(moved.image), 1.5);
  }
}

TEST_CASE("zoom and shift: boxes are cut at the border, slivers go") {
  const auto sample = rectangle(100, 100, {0, 60, 40, 80, 60});
  const auto cut = warped(sample, 100, {1, 0.3, 0});
  REQUIRE(cut.boxes.size() == 1);
  check_near(cut.boxes[0], {0, 90, 40, 100, 60}, 1e-9);
  CHECK(warped(sample, 100, {1, 0.385, 0}).boxes.empty());
}

TEST_CASE("mosaic: four pictures around a point, boxes in their places") {
  const auto a = rectangle(64, 64, {0, 40, 40, 60, 60}), b = rectangle(64, 64, {1, 4, 40, 24, 60}),
             c = rectangle(64, 64, {2, 40, 4, 60, 24}), d = rectangle(64, 64, {3, 4, 4, 24, 24});
  const auto joined = put_together(mosaic({&a, &b, &c, &d}, 64, 70, 58));
  CHECK(joined.image.width == 128);
  REQUIRE(joined.boxes.size() == 4);
  // The four boxes lie around the point, 4 px from it each way.
  CHECK(joined.boxes[1].x1 - joined.boxes[0].x2 == Approx(8));
  CHECK(joined.boxes[2].y1 - joined.boxes[0].y2 == Approx(8));
  check_near(bright(joined.image),
             {0, joined.boxes[0].x1, joined.boxes[0].y1, joined.boxes[3].x2, joined.boxes[3].y2},
             0.01);
}

TEST_CASE("colours: nothing changes with neutral gains; a third of the circle turns red to green") {
  media::Image picture = media::blank(4, 4, 0);
  for (size_t i = 0; i < picture.rgb.size(); ++i) picture.rgb[i] = static_cast<uint8_t>(i * 5);
  auto same = picture;
  media::change_colours(same, 0, 1, 1);
  for (size_t i = 0; i < picture.rgb.size(); ++i)
    CHECK(std::abs(same.rgb[i] - picture.rgb[i]) <= 1);
  media::Image red = media::blank(1, 1, 0);
  red.rgb = {200, 0, 0};
  media::change_colours(red, 1.0 / 3, 1, 1);
  CHECK((red.rgb == std::vector<uint8_t>{0, 200, 0}));
  media::change_colours(red, 0, 0, 0.5);
  CHECK((red.rgb == std::vector<uint8_t>{100, 100, 100}));
}

TEST_CASE("colours: grey stays grey, a sixth of the circle turns red into yellow") {
  media::Image picture = media::blank(300, 1, 90);  // more than are changed together
  picture.at(299, 0)[0] = 200, picture.at(299, 0)[1] = picture.at(299, 0)[2] = 0;
  media::change_colours(picture, 1.0 / 6, 1, 1);
  CHECK(picture.at(0, 0)[0] == 90);
  CHECK(picture.at(298, 0)[2] == 90);
  CHECK(picture.at(299, 0)[0] == 200);
  CHECK(picture.at(299, 0)[1] == 200);
  CHECK(picture.at(299, 0)[2] == 0);
}

TEST_CASE("mosaic of nine: the first in the middle, the others around it, each beside the last") {
  const auto picture = rectangle(64, 64, {0, 0, 0, 64, 64});
  std::vector<Sample> all(9, picture);
  std::vector<const Sample*> nine;
  for (size_t i = 0; i < 9; ++i) {
    all[i].boxes[0].class_id = static_cast<int64_t>(i);
    nine.push_back(&all[i]);
  }
  const auto joined = put_together(mosaic_of_nine(nine, 64));
  CHECK(joined.image.width == 128);
  CHECK(bright(joined.image).x2 == 128);
  REQUIRE(joined.boxes.size() == 9);
  // Of three times three pictures half a side goes all around.
  check_near(joined.boxes[0], {0, 32, 32, 96, 96}, 0);
  check_near(joined.boxes[1], {1, 32, 0, 96, 32}, 0);
  check_near(joined.boxes[2], {2, 96, 0, 128, 32}, 0);
  check_near(joined.boxes[3], {3, 96, 32, 128, 96}, 0);
  check_near(joined.boxes[5], {5, 32, 96, 96, 128}, 0);
  check_near(joined.boxes[6], {6, 0, 96, 32, 128}, 0);
  check_near(joined.boxes[7], {7, 0, 32, 32, 96}, 0);
  check_near(joined.boxes[8], {8, 0, 0, 32, 32}, 0);
}

TEST_CASE("warp: a box is around its turned corners, an outline's box around what is seen of it") {
  Warp warp;
  warp.rotation = 45;
  const Box square{0, 40, 40, 60, 60};
  const double half = 10 * std::sqrt(2.0);
  const auto turned = warped(rectangle(100, 100, square), 100, warp);
  REQUIRE(turned.boxes.size() == 1);
  check_near(turned.boxes[0], {0, 50 - half, 50 - half, 50 + half, 50 + half}, 1e-3);
  check_near(turned.boxes[0], bright(turned.image), 1.5);

  auto diamond = outlined(100, 100, square);
  diamond.outlines[0] = {{50, 40}, {60, 50}, {50, 60}, {40, 50}};
  const auto seen = warped(diamond, 100, warp);
  REQUIRE(seen.boxes.size() == 1);
  check_near(seen.boxes[0], {0, 50 - half / 2, 50 - half / 2, 50 + half / 2, 50 + half / 2}, 1e-3);
}

TEST_CASE("warp: every way of it takes boxes where it takes pixels") {
  const auto sample = rectangle(120, 90, {0, 40, 30, 70, 50});
  Warp warp;
  SECTION("rotated by a right angle, against the clock") {
    warp.rotation = 90;
  }
  SECTION("sheared, which leaves rows rows") {
    warp.shear_x = 20;
  }
  SECTION("moved and zoomed on the general way") {
    warp.zoom = 1.3, warp.shift_x = 0.1, warp.shift_y = -0.05, warp.perspective_x = 1e-9;
  }
  const auto moved = warped(sample, 120, warp);
  REQUIRE(moved.boxes.size() == 1);
  check_near(moved.boxes[0], bright(moved.image), 1.5);
}

TEST_CASE("warp: both ways of moving pixels agree") {
  Sample sample{media::blank(64, 48, 0), {}};
  for (size_t i = 0; i < sample.image.rgb.size(); ++i)
    sample.image.rgb[i] = static_cast<uint8_t>(i * 7 % 251);
  const Warp warp{0.8, 0.07, -0.03};
  const auto quick = warped(sample, 64, warp).image;
  const auto general = as_sample(64, [&](const TakeRow& take) {
    warp_rows(sample, 64, warp_matrix(warp, 64, 48, 64), take);
    return Labels{};
  });
  int most = 0;
  for (size_t i = 0; i < quick.rgb.size(); ++i)
    most = std::max(most, std::abs(quick.rgb[i] - general.image.rgb[i]));
  CHECK(most <= 1);
}

TEST_CASE("warp: perspective takes the far side nearer together") {
  Warp warp;
  warp.perspective_x = 0.002;
  Sample sample = rectangle(100, 100, {0, 10, 30, 30, 70});
  const auto right = rectangle(100, 100, {1, 70, 30, 90, 70});
  sample.boxes.push_back(right.boxes[0]);
  const auto seen = warped(sample, 100, warp);
  REQUIRE(seen.boxes.size() == 2);
  CHECK(seen.boxes[0].height() > 40);
  CHECK(seen.boxes[1].height() < 40);
  check_near(seen.boxes[0], bright(seen.image), 1.5);
}

TEST_CASE("flips: objects go where pixels go; twice is nothing") {
  auto sample = outlined(50, 20, {0, 5, 2, 15, 10});
  const auto before = sample;
  Labels objects{sample.boxes, sample.outlines};
  media::turn_upside_down(sample.image);
  turn_upside_down(objects, 20);
  check_near(objects.boxes[0], {0, 5, 10, 15, 18}, 0);
  check_near(bounds(objects.outlines[0], 0), objects.boxes[0], 1e-5);
  check_near(bright(sample.image), objects.boxes[0], 0);
  media::mirror(sample.image);
  mirror(objects, 50);
  check_near(objects.boxes[0], {0, 35, 10, 45, 18}, 0);
  check_near(bounds(objects.outlines[0], 0), objects.boxes[0], 1e-5);
  check_near(bright(sample.image), objects.boxes[0], 0);
  media::turn_upside_down(sample.image);
  turn_upside_down(objects, 20);
  media::mirror(sample.image);
  mirror(objects, 50);
  CHECK(sample.image.rgb == before.image.rgb);
  check_near(objects.boxes[0], before.boxes[0], 0);
}

TEST_CASE("red and blue are exchanged") {
  std::vector<uint8_t> rgb = {1, 2, 3, 4, 5, 6};
  media::Pixels row(2);
  media::unpack(rgb.data(), 2, row.data());
  media::swap_red_and_blue(row.data(), 2);
  media::pack(row.data(), 2, rgb.data());
  CHECK((rgb == std::vector<uint8_t>{3, 2, 1, 6, 5, 4}));
}

TEST_CASE("mixup: a part of one picture and the rest of the other, the objects of both") {
  Sample one{media::blank(4, 4, 200), {{0, 0, 0, 2, 2}}};
  const Sample other{media::blank(4, 4, 100), {{1, 1, 1, 3, 3}}};
  mix_up(one, other, 0.25);
  CHECK(one.image.rgb[0] == 125);
  CHECK(one.boxes.size() == 2);
}

TEST_CASE("cutmix: an area of the square root's sides, where no object is") {
  const auto area = cut_area(100, 100, 90, 50, 0.64);
  CHECK(area.x1 == 60);
  CHECK(area.x2 == 100);
  CHECK(area.y1 == 20);
  CHECK(area.y2 == 80);
  CHECK_FALSE(is_free(area, rectangle(100, 100, {0, 10, 10, 61, 30})));
  CHECK(is_free(area, rectangle(100, 100, {0, 10, 10, 60, 30})));
}

TEST_CASE("cutmix: the piece comes with what of its objects lies in it, if that is enough") {
  Sample onto{media::blank(100, 100, 0), {}};
  Sample from = rectangle(100, 100, {0, 50, 30, 80, 60});
  from.boxes.push_back({1, 0, 0, 62, 22});  // little of it
  cut_mix(onto, from, {60, 20, 100, 80});
  REQUIRE(onto.boxes.size() == 1);
  check_near(onto.boxes[0], {0, 60, 30, 80, 60}, 0);
  check_near(bright(onto.image), onto.boxes[0], 0);
  CHECK(onto.image.at(70, 70)[0] == 50);
  CHECK(onto.image.at(59, 40)[0] == 0);

  Sample unchanged{media::blank(100, 100, 0), {}};
  cut_mix(unchanged, from, {0, 80, 20, 100});
  CHECK(unchanged.image.at(5, 90)[0] == 0);
}

TEST_CASE("copy-paste: mirrored objects where they hide little, by their outline") {
  auto sample = outlined(100, 40, {3, 10, 10, 30, 30});
  sample.outlines[0] = {{20, 10}, {30, 20}, {20, 30}, {10, 20}};
  copy_paste(sample, 1);
  REQUIRE(sample.boxes.size() == 2);
  check_near(sample.boxes[1], {3, 70, 10, 90, 30}, 0);
  CHECK(sample.boxes[1].class_id == 3);
  CHECK(sample.image.at(80, 20)[0] == 255);
  CHECK(sample.image.at(71, 11)[0] == 50);  // beside the outline

  auto hidden = outlined(100, 40, {3, 40, 10, 60, 30});  // onto itself
  copy_paste(hidden, 1);
  CHECK(hidden.boxes.size() == 1);
  auto by_box = rectangle(100, 40, {3, 10, 10, 30, 30});
  copy_paste(by_box, 1);
  CHECK(by_box.boxes.size() == 1);
  auto none = outlined(100, 40, {3, 10, 10, 30, 30});
  copy_paste(none, 0.4);
  CHECK(none.boxes.size() == 1);
}

TEST_CASE("outlines: clipped to the picture, their rows by the even-odd rule") {
  const Outline triangle = {{-10, 5}, {10, -5}, {10, 15}};
  const auto part = clip(triangle, 8, 20);
  check_near(bounds(part, 0), {0, 0, 0, 8, 14}, 1e-5);
  CHECK(clip({{-5, 0}, {-1, 0}, {-1, 9}}, 8, 8).empty());
  const Outline u = {{0, 0}, {9, 0}, {9, 4}, {6, 4}, {6, 2}, {3, 2}, {3, 4}, {0, 4}};
  CHECK((inside(u, 1, 100) == std::vector<std::pair<int, int>>{{0, 9}}));
  CHECK((inside(u, 3, 100) == std::vector<std::pair<int, int>>{{0, 3}, {6, 9}}));
  CHECK((inside(u, 3, 8) == std::vector<std::pair<int, int>>{{0, 3}, {6, 8}}));
  CHECK(inside(u, 4, 100).empty());
}

TEST_CASE("augmentation: each option changes what it is for, and no other option's luck") {
  std::vector<Sample> all;
  for (int i = 0; i < 12; ++i) {
    all.push_back(outlined(64, 64, {i, 8.0 + i, 10, 28.0 + i, 40}));
    all.back().image.at(i, i)[1] = 7;
  }
  const auto picture = [&](int64_t i) -> const Sample& { return all[static_cast<size_t>(i)]; };
  const auto make = [&](const Augmentation& settings) {
    task::Random random({5, 1});
    Sample result{media::blank(64, 64, 0), {}};
    auto objects = augment(0, 12, 64, settings, random, picture, result.image.rgb.data());
    result.boxes = objects.boxes, result.outlines = objects.outlines;
    return result;
  };
  Augmentation plain;
  plain.mosaic = 0;
  plain.fliplr = 0;
  const auto before = make(plain);
  REQUIRE(before.boxes.size() == 1);

  auto settings = plain;
  settings.flipud = 1;
  auto turned = make(settings);
  media::turn_upside_down(turned.image);
  CHECK(turned.image.rgb == before.image.rgb);

  settings = plain;
  settings.bgr = 1;
  auto swapped = make(settings);
  for (size_t i = 0; i < swapped.image.rgb.size(); i += 3)
    std::swap(swapped.image.rgb[i], swapped.image.rgb[i + 2]);
  CHECK(swapped.image.rgb == before.image.rgb);

  settings = plain;
  settings.mixup = 1;
  const auto mixed = make(settings);
  CHECK(mixed.boxes.size() == 2);
  CHECK(mixed.boxes[0].x1 == before.boxes[0].x1);

  settings = plain;
  settings.cutmix = 1;
  const auto cut_in = make(settings);
  CHECK(cut_in.boxes[0].x1 == before.boxes[0].x1);

  settings = plain;
  settings.mosaic = settings.mosaic9 = 1;
  settings.scale = settings.translate = 0;
  // Nine have the picture itself in their middle, four have a corner of each.
  const auto nine = make(settings);
  REQUIRE(nine.boxes.size() == 1);
  check_near(nine.boxes[0], all[0].boxes[0], 1e-9);
  settings.mosaic9 = 0;
  CHECK(make(settings).boxes.size() > 1);
}
