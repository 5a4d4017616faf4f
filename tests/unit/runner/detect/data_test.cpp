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

TEST_CASE("shapes: a folder a class, one object a picture") {
  const base::TemporaryFolder folder;
  const auto at = folder.path() / "set";
  const auto count = write_shapes(at, 3, 30, 4, 64, {}, 1, ShapesLayout::classes);
  CHECK(count.pictures == 34);
  CHECK(count.objects == 34);
  CHECK_FALSE(std::filesystem::exists(at / "data.yaml"));
  for (const auto& name : shape_names()) {
    CHECK(std::filesystem::is_directory(at / "val" / name));
    CHECK_FALSE(std::filesystem::is_empty(at / "train" / name));
  }
  const auto drawn = draw_shape(3, 0, 7, 64);
  REQUIRE(drawn.boxes.size() == 1);
  CHECK(drawn.boxes[0].width() >= 0.2 * 64);
  const auto& name = shape_names()[static_cast<size_t>(drawn.boxes[0].class_id)];
  CHECK(media::read_image(at / "train" / name / "000007.png").rgb == drawn.image.rgb);
  // It may be written anew, in either layout.
  write_shapes(at, 3, 2, 1, 64, {});
  CHECK(std::filesystem::exists(at / "data.yaml"));
  CHECK(std::filesystem::is_empty(at / "train" / name));
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

TEST_CASE("data set: written on Windows or for another machine, and nothing that is left") {
  const base::TemporaryFolder folder;
  const auto at = folder.path();
  write(at / "data.yaml", "train: train.txt\nval: images\\val\nnames: [a, b]\n");
  write(at / "train.txt", "images\\train\\x.png\r\nC:\\mine\\images\\train\\y.png\r\n");
  for (const auto* name : {"images/train/x.png", "images/train/y.png", "images/val/y.jpg"})
    write(at / name, "");
  write(at / "labels/train/y.txt", "0 0.5 0.5 0.1 0.1\n");
  const auto set = read_data_set(at / "data.yaml");
  REQUIRE(set.train.size() == 2);
  CHECK(set.train[1].boxes.size() == 1);
  CHECK(set.val.size() == 1);
  REQUIRE(set.notes.size() == 2);
  CHECK_THAT(set.notes[0], Contains("train.txt: names of pictures") && Contains("machine's: 2"));
  CHECK(set.notes[1] == "val: images\\val is not there; images/val is taken");
  write(at / "train.txt", "a.png\nb.png\n");
  CHECK_THROWS_WITH(read_data_set(at / "data.yaml", true),
                    Contains("train: holds no pictures; left out were") &&
                        Contains("2 entries of lists, the first: ") &&
                        Contains("train.txt:1: there is no picture "));
}

TEST_CASE("pictures that cannot be decoded are all named") {
  const base::TemporaryFolder folder;
  write(folder.path() / "a.png", "no picture");
  write(folder.path() / "b.png", "");
  Pictures pictures({{folder.path() / "a.png", {}}, {folder.path() / "b.png", {}}}, 64);
  CHECK_THROWS_WITH(pictures.load({}), Contains("a.png") && Contains("b.png"));
}

TEST_CASE("multi-scale: whole strides around the side, the same for a batch, boxes along with it") {
  std::set<int> sides;
  for (int64_t batch = 0; batch < 200; ++batch) {
    const int side = drawn_side(160, 0.5, 3, 1, batch);
    CHECK(side == drawn_side(160, 0.5, 3, 1, batch));
    sides.insert(side);
  }
  CHECK(sides == std::set<int>{96, 128, 160, 192, 224});
  CHECK(drawn_side(160, 0, 3, 1, 0) == 160);
  CHECK(drawn_side(32, 1, 3, 1, 0) >= 32);

  const base::TemporaryFolder folder;
  write_shapes(folder.path() / "set", 3, 3, 1, 64, {});
  Pictures pictures(read_data_set(folder.path() / "set/data.yaml").train, 64);
  const auto as_is = training_batch(pictures, {1, 2}, 9, 2, {});
  const auto larger = training_batch(pictures, {1, 2}, 9, 2, {}, {}, 96);
  CHECK(larger.inputs.size(3) == 96);
  CHECK(torch::allclose(larger.targets.slice(1, 2), as_is.targets.slice(1, 2) * 1.5));
}

TEST_CASE("outlines are read with the boxes, and go with their pictures") {
  const base::TemporaryFolder folder;
  const auto at = folder.path();
  write(at / "data.yaml", "train: images/train\nval: images/train\nnames: [a]\n");
  std::filesystem::create_directories(at / "images/train");
  std::ofstream(at / "images/train/x.png", std::ios::binary)
      << media::encode_png(media::blank(40, 20, 7));
  write(at / "labels/train/x.txt", "0 0.5 0.5 0.2 0.2\n0 0.1 0.2 0.5 0.2 0.3 1.005\n");
  Pictures pictures(read_data_set(at / "data.yaml").train, 80);
  const auto sample = pictures.get(0);
  REQUIRE(sample->boxes.size() == 2);
  CHECK(outline_of(*sample, 0).empty());
  const auto& outline = outline_of(*sample, 1);
  REQUIRE(outline.size() == 3);
  CHECK(outline[2].x == Approx(24));
  CHECK(outline[2].y == Approx(40));
}

TEST_CASE("augmentation: a function of seed, epoch and index alone") {
  const base::TemporaryFolder folder;
  write_shapes(folder.path() / "set", 3, 6, 1, 64, {});
  Pictures pictures(read_data_set(folder.path() / "set/data.yaml").train, 64);
  pictures.load({});
  Augmentation settings;
  if (GENERATE(false, true)) {
    settings.mosaic9 = settings.mixup = settings.cutmix = settings.flipud = settings.bgr = 0.5;
    settings.degrees = 20, settings.shear = 5, settings.perspective = 0.0005;
  }
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

TEST_CASE("a batch is the same bytes for any number of threads, with and without each cache") {
  const base::TemporaryFolder folder;
  write_shapes(folder.path() / "set", 3, neighbours + 40, 1, 32, {}, 2);
  const auto items = read_data_set(folder.path() / "set/data.yaml").train;
  const std::vector<int64_t> indices = {5, 200, 0, neighbours + 39, 17};
  const auto batches = [&](const task::Keeping& keeping, int64_t threads) {
    Pictures pictures(items, 32, keeping);
    pictures.load({}, false, threads);
    std::vector<task::Batch> made;
    for (int64_t epoch = 0; epoch < 2; ++epoch)
      made.push_back(training_batch(pictures, indices, 9, epoch, {}, {threads}));
    return made;
  };
  const auto plain = batches({"no"}, 1);
  CHECK_FALSE(torch::equal(plain[0].inputs, plain[1].inputs));
  const std::vector<task::Keeping> ways = {{"no"},
                                           {"no", {}, 3},
                                           {"no", {}, recent_pictures},
                                           {"auto"},
                                           {"ram"},
                                           {"ram", {}, 8, 100 * 32 * 32 * 3},
                                           {"disk", folder.path() / "cache"},
                                           {"disk", folder.path() / "cache", recent_pictures}};
  for (const auto& keeping : ways)
    for (const int64_t threads : {1, 2, 5}) {
      INFO(keeping.cache << ", " << keeping.recent << " recent, " << threads << " threads");
      const auto made = batches(keeping, threads);
      for (size_t i = 0; i < made.size(); ++i) {
        CHECK(torch::equal(made[i].inputs, plain[i].inputs));
        CHECK(torch::equal(made[i].targets, plain[i].targets));
      }
    }
}

TEST_CASE("a large data set is decoded once an epoch, for what is joined was decoded just before") {
  const base::TemporaryFolder folder;
  write_shapes(folder.path() / "set", 3, 3 * neighbours, 1, 32, {}, 2);
  const auto items = read_data_set(folder.path() / "set/data.yaml").train;
  Pictures pictures(items, 32, {"no", {}, recent_pictures});
  const auto order = task::epoch_order(9, 2, pictures.count());
  const auto make = [&](size_t place) {
    return training_batch(pictures, {order->examples[place]}, 9, 2, {});
  };
  for (size_t place = 0; place < 700; ++place) make(place);
  // Those that stand between are not decoded any more: without their files they are still there.
  for (size_t place = 700 - neighbours; place < 700; ++place)
    std::filesystem::remove(items[static_cast<size_t>(order->examples[place])].image);
  for (size_t place = 690; place < 700; ++place) CHECK_NOTHROW(make(place));
}

TEST_CASE("what does not fit into memory is decoded when needed, and that is told") {
  const base::TemporaryFolder folder;
  write_shapes(folder.path() / "set", 3, 6, 1, 32, {});
  const auto items = read_data_set(folder.path() / "set/data.yaml").train;
  const auto loaded = [&](const task::Keeping& keeping) {
    auto pictures = std::make_unique<Pictures>(items, 32, keeping);
    pictures->load({});
    return pictures;
  };
  CHECK_THAT(loaded({"auto"})->kept_in_words(), Contains("in memory (0 MB)"));
  CHECK(loaded({"auto", {}, 0, 5 * 3072})->kept_in_words() == "decoded when needed");
  const auto part = loaded({"ram", {}, 0, 3 * 3072 + 1000});
  CHECK(part->kept_in_words() == "3 of 6 in memory (0 MB), the others decoded when needed");
  CHECK_THAT(part->problem(), Contains("--cache ram: not all decoded pictures fit"));
  CHECK(loaded({"ram"})->problem().empty());
  CHECK_THAT(loaded({"disk", folder.path() / "cache"})->kept_in_words(), Contains("on disk in "));
}
