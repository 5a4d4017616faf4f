#include "runner/detect/batches.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "base/error.h"
#include "base/files.h"
#include "runner/detect/dataset.h"
#include "runner/detect/shapes.h"
#include "runner/task/random.h"

using namespace lotse;
using namespace lotse::runner;
using namespace lotse::runner::detect;
using Catch::Matchers::Contains;

namespace {

uint64_t fnv(const std::vector<uint8_t>& bytes) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const uint8_t byte : bytes) hash = (hash ^ byte) * 0x100000001b3;
  return hash;
}

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

void write(const std::filesystem::path& path, const std::string& text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path) << text;
}

}  // namespace

TEST_CASE("shapes: the same bytes for a seed, others for another") {
  const auto picture = draw_shapes(1, 0, 0, 96);
  CHECK(fnv(picture.image.rgb) == 0xec672464b39bd124ULL);
  CHECK(draw_shapes(1, 0, 0, 96).image.rgb == picture.image.rgb);
  CHECK(draw_shapes(2, 0, 0, 96).image.rgb != picture.image.rgb);
  CHECK(draw_shapes(1, 1, 0, 96).image.rgb != picture.image.rgb);
}

TEST_CASE(
    "shapes: 1 to 8 objects inside the picture, of 16 pixels to half a side, all classes, some "
    "overlapping") {
  std::set<int64_t> classes;
  std::set<size_t> counts;
  int overlaps = 0;
  for (uint64_t i = 0; i < 60; ++i) {
    const auto picture = draw_shapes(4, 0, i, 64);
    counts.insert(picture.boxes.size());
    for (size_t a = 0; a < picture.boxes.size(); ++a) {
      const auto& box = picture.boxes[a];
      classes.insert(box.class_id);
      CHECK(box.x1 >= 0);
      CHECK(box.y1 >= 0);
      CHECK(box.x2 <= 64);
      CHECK(box.y2 <= 64);
      const double size = std::max(box.width(), box.height()) / 64;
      CHECK(size >= 16.0 / 64 - 0.0001);
      CHECK(size <= 0.5001);
      for (size_t b = 0; b < a; ++b) {
        const auto& other = picture.boxes[b];
        overlaps += box.x1 < other.x2 && other.x1 < box.x2 && box.y1 < other.y2 && other.y1 < box.y2
                        ? 1
                        : 0;
      }
    }
  }
  CHECK(classes.size() == 4);
  CHECK(*counts.begin() == 1);
  CHECK(*counts.rbegin() == 8);
  CHECK(overlaps > 10);
}

TEST_CASE("shapes: what is written is read again") {
  const base::TemporaryFolder folder;
  const auto count = write_shapes(folder.path() / "set", 3, 5, 2, 64, {});
  CHECK(count.pictures == 7);
  const auto set = read_data_set(folder.path() / "set" / "data.yaml");
  CHECK(set.names == shape_names());
  REQUIRE(set.train.size() == 5);
  REQUIRE(set.val.size() == 2);
  const auto drawn = draw_shapes(3, 0, 2, 64);
  REQUIRE(set.train[2].boxes.size() == drawn.boxes.size());
  CHECK(set.train[2].boxes[0].x1 * 64 == Approx(drawn.boxes[0].x1).margin(1e-3));
  Pictures pictures(set.train, 64);
  pictures.load({});
  CHECK(pictures.get(2)->image.rgb == drawn.image.rgb);
}

TEST_CASE("data set: every mistake at once, with file and line") {
  const base::TemporaryFolder folder;
  const auto at = folder.path();
  write(at / "data.yaml", "train: images/train\nval: nowhere\nnames: {0: a, 1: b}\n");
  write(at / "images/train/x.png", "");
  write(at / "labels/train/x.txt",
        "0 0.5 0.5 0.2 0.2\n2 0.5 0.5 0.2 0.2\n0 0.5 0.5 0.2\n0 50 50 20 20\n0 a 1 1 1\n");
  try {
    read_data_set(at / "data.yaml");
    FAIL("no mistake was found");
  } catch (const base::Error& error) {
    CHECK(error.kind() == base::ErrorKind::invalid);
    REQUIRE(error.diagnostics().size() == 5);
    CHECK_THAT(error.what(), Contains("x.txt:2: class 2") && Contains("x.txt:3: has 4 values") &&
                                 Contains("x.txt:4: value 50") && Contains("x.txt:5") &&
                                 Contains("data.yaml:2") && Contains("nowhere"));
  }
  write(at / "labels/train/x.txt", [] {
    std::string lines;
    for (int i = 0; i < 50; ++i) lines += "7 0.5 0.5 0.2 0." + std::to_string(100 + i) + "\n";
    return lines;
  }());
  CHECK_THROWS_WITH(read_data_set(at / "data.yaml"), Contains("and 31 more mistakes"));
}

TEST_CASE("data set: lists, outlines, repeated lines, pictures without labels, names as a list") {
  const base::TemporaryFolder folder;
  const auto at = folder.path();
  write(at / "data.yaml", "path: .\ntrain: train.txt\nval: [images/val]\nnames: [a, b]\n");
  write(at / "train.txt", "./images/train/x.png\n\n");
  for (const auto* name : {"images/train/x.png", "images/val/y.jpg"}) write(at / name, "");
  write(at / "labels/train/x.txt",
        "1 0.1 0.2 0.5 0.2 0.3 0.6\n1 0.1 0.2 0.5 0.2 0.3 0.6\n0 0.995 0.5 0.02 1\n");
  const auto set = read_data_set(at / "data.yaml");
  REQUIRE(set.train.size() == 1);
  REQUIRE(set.train[0].boxes.size() == 2);
  check_near(set.train[0].boxes[0], {1, 0.1, 0.2, 0.5, 0.6}, 1e-9);
  CHECK(set.train[0].boxes[1].x2 == 1);
  CHECK(set.val.at(0).boxes.empty());
}

TEST_CASE("pictures that cannot be decoded are all named") {
  const base::TemporaryFolder folder;
  write(folder.path() / "a.png", "no picture");
  write(folder.path() / "b.png", "");
  Pictures pictures({{folder.path() / "a.png", {}}, {folder.path() / "b.png", {}}}, 64);
  CHECK_THROWS_WITH(pictures.load({}), Contains("a.png") && Contains("b.png"));
}

TEST_CASE("zoom and shift: the box goes where the pixels go") {
  const auto sample = rectangle(100, 80, {0, 40, 30, 60, 50});
  for (const double zoom : {0.6, 1.0, 1.4}) {
    const auto moved = zoom_and_shift(sample, 100, zoom, 0.05, -0.1);
    REQUIRE(moved.boxes.size() == 1);
    check_near(moved.boxes[0], bright(moved.image), 1.5);
  }
}

TEST_CASE("zoom and shift: boxes are cut at the border, slivers go") {
  const auto sample = rectangle(100, 100, {0, 60, 40, 80, 60});
  const auto cut = zoom_and_shift(sample, 100, 1, 0.3, 0);
  REQUIRE(cut.boxes.size() == 1);
  check_near(cut.boxes[0], {0, 90, 40, 100, 60}, 1e-9);
  CHECK(zoom_and_shift(sample, 100, 1, 0.385, 0).boxes.empty());
}

TEST_CASE("mosaic: four pictures around a point, boxes in their places") {
  const auto a = rectangle(64, 64, {0, 40, 40, 60, 60}), b = rectangle(64, 64, {1, 4, 40, 24, 60}),
             c = rectangle(64, 64, {2, 40, 4, 60, 24}), d = rectangle(64, 64, {3, 4, 4, 24, 24});
  task::Random random({11});
  const auto joined = mosaic({&a, &b, &c, &d}, 64, random);
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
  change_colours(same, 0, 1, 1);
  for (size_t i = 0; i < picture.rgb.size(); ++i)
    CHECK(std::abs(same.rgb[i] - picture.rgb[i]) <= 1);
  media::Image red = media::blank(1, 1, 0);
  red.rgb = {200, 0, 0};
  change_colours(red, 1.0 / 3, 1, 1);
  CHECK((red.rgb == std::vector<uint8_t>{0, 200, 0}));
  change_colours(red, 0, 0, 0.5);
  CHECK((red.rgb == std::vector<uint8_t>{100, 100, 100}));
}

TEST_CASE("mirror: twice is nothing, once moves box and pixels") {
  auto sample = rectangle(50, 20, {0, 5, 2, 15, 10});
  const auto before = sample.image.rgb;
  mirror(sample);
  check_near(sample.boxes[0], bright(sample.image), 0.01);
  CHECK(sample.boxes[0].x1 == 35);
  mirror(sample);
  CHECK(sample.image.rgb == before);
}

TEST_CASE("augmentation: a function of seed, epoch and index alone") {
  const base::TemporaryFolder folder;
  write_shapes(folder.path() / "set", 3, 6, 1, 64, {});
  Pictures pictures(read_data_set(folder.path() / "set/data.yaml").train, 64);
  pictures.load({});
  const Augmentation settings;
  const auto both = training_batch(pictures, {4, 1}, 9, 2, settings);
  const auto one = training_batch(pictures, {1}, 9, 2, settings);
  CHECK(torch::equal(both.inputs[1], one.inputs[0]));
  const auto by_many = training_batch(pictures, {4, 1, 0, 3, 2}, 9, 2, settings, {4});
  const auto by_one = training_batch(pictures, {4, 1, 0, 3, 2}, 9, 2, settings, {1});
  CHECK(torch::equal(by_many.inputs, by_one.inputs));
  CHECK(torch::equal(by_many.targets, by_one.targets));
  CHECK_FALSE(torch::equal(training_batch(pictures, {1}, 9, 3, settings).inputs, one.inputs));
  CHECK_FALSE(torch::equal(training_batch(pictures, {1}, 8, 2, settings).inputs, one.inputs));

  task::Prefetcher<task::Batch> loader(
      0, 3, 2, [&](int64_t b) { return training_batch(pictures, {b}, 9, 2, settings); });
  loader.next();
  CHECK(torch::equal(loader.next().inputs, one.inputs));
}

TEST_CASE("colours: grey stays grey, a sixth of the circle turns red into yellow") {
  media::Image picture = media::blank(300, 1, 90);  // more than are changed together
  picture.at(299, 0)[0] = 200, picture.at(299, 0)[1] = picture.at(299, 0)[2] = 0;
  change_colours(picture, 1.0 / 6, 1, 1);
  CHECK(picture.at(0, 0)[0] == 90);
  CHECK(picture.at(298, 0)[2] == 90);
  CHECK(picture.at(299, 0)[0] == 200);
  CHECK(picture.at(299, 0)[1] == 200);
  CHECK(picture.at(299, 0)[2] == 0);
}
