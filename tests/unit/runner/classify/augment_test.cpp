#include "runner/classify/augment.h"

#include <catch2/catch.hpp>
#include <map>

#include "base/error.h"
#include "base/files.h"
#include "runner/classify/pictures.h"
#include "runner/media/resample.h"

using namespace lotse;
using namespace lotse::runner;
using namespace lotse::runner::classify;
using task::Random;

namespace {

/// Each pixel says where it is: red across, green down.
media::Image map_of(int width, int height) {
  auto image = media::blank(width, height, 0);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      image.at(x, y)[0] = static_cast<uint8_t>(255 * x / (width - 1));
      image.at(x, y)[1] = static_cast<uint8_t>(255 * y / (height - 1));
      image.at(x, y)[2] = 90;
    }
  return image;
}

std::vector<Item> four_pictures(const std::filesystem::path& folder) {
  std::vector<Item> items;
  for (int i = 0; i < 4; ++i) {
    const auto path = folder / (std::to_string(i) + ".png");
    base::write_file_atomic(path, media::encode_png(map_of(100 + 30 * i, 90)));
    items.push_back({path, i % 2});
  }
  return items;
}

Augmentation nothing() {
  Augmentation settings;
  settings.fliplr = settings.flipud = settings.erasing = 0;
  settings.hsv_h = settings.hsv_s = settings.hsv_v = 0;
  settings.randaugment = false;
  return settings;
}

media::Image augmented(const Augmentation& settings, uint64_t seed) {
  Random random({seed});
  return augment(map_of(120, 80), 64, settings, random);
}

}  // namespace

TEST_CASE("crops have at least the part of the area that scale leaves", "[augment]") {
  const auto settings = nothing();
  double least = 1, most = 0;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    const auto image = augmented(settings, seed);
    REQUIRE(image.width == 64);
    REQUIRE(image.height == 64);
    const double across = (image.at(63, 32)[0] - image.at(0, 32)[0]) / 255.0;
    const double down = (image.at(32, 63)[1] - image.at(32, 0)[1]) / 255.0;
    least = std::min(least, across * down);
    most = std::max(most, across * down);
  }
  CHECK(least > 0.42);  // the outermost pixels are half a pixel further in
  CHECK(most > 0.75);
}

TEST_CASE("flips", "[augment]") {
  auto settings = nothing();
  settings.fliplr = 1;
  CHECK(augmented(settings, 1).at(0, 32)[0] > augmented(settings, 1).at(63, 32)[0]);
  settings.fliplr = 0;
  settings.flipud = 1;
  CHECK(augmented(settings, 1).at(32, 0)[1] > augmented(settings, 1).at(32, 63)[1]);
}

TEST_CASE("erasing makes a black rectangle of 2 to 33 percent of the picture", "[augment]") {
  auto settings = nothing();
  settings.erasing = 1;
  const auto before = nothing();
  for (uint64_t seed = 0; seed < 50; ++seed) {
    const auto with = augmented(settings, seed), without = augmented(before, seed);
    int64_t black = 0;
    for (size_t i = 0; i < with.rgb.size(); i += 3) {
      const bool erased = with.rgb[i + 2] == 0;  // blue is 90 everywhere
      black += erased ? 1 : 0;
      if (!erased) REQUIRE(with.rgb[i] == without.rgb[i]);
    }
    CHECK(black >= 64 * 64 / 100);
    CHECK(black <= 64 * 64 * 36 / 100);
  }
}

TEST_CASE("RandAugment: many different pictures, the same for the same numbers", "[augment]") {
  const auto picture = map_of(64, 64);
  std::map<std::vector<uint8_t>, int> different;
  for (uint64_t seed = 0; seed < 300; ++seed) {
    Random random({seed}), again({seed});
    const auto changed = randaugment(picture, random);
    CHECK(changed.rgb == randaugment(picture, again).rgb);
    ++different[changed.rgb];
  }
  CHECK(different.size() > 50);
  CHECK(different.count(picture.rgb) == 1);  // twice nothing, one in 196 and a little more
}

TEST_CASE("a batch depends on seed, epoch and index alone, not on threads", "[augment]") {
  const base::TemporaryFolder folder;
  TrainingPictures pictures(four_pictures(folder.path()), 64);
  pictures.load({});
  const auto one = training_batch(pictures, {3, 1, 0}, 5, 2, {}, {1, false});
  const auto many = training_batch(pictures, {3, 1, 0}, 5, 2, {}, {3, false});
  CHECK(one.inputs.sizes() == torch::IntArrayRef({3, 3, 64, 64}));
  CHECK(torch::equal(one.inputs, many.inputs));
  CHECK(torch::equal(one.targets, torch::tensor({1, 1, 0}, torch::kInt64)));
  const auto alone = training_batch(pictures, {1}, 5, 2, {});
  CHECK(torch::equal(alone.inputs[0], one.inputs[1]));
  CHECK_FALSE(torch::equal(training_batch(pictures, {1}, 5, 3, {}).inputs, alone.inputs));
  CHECK_FALSE(torch::equal(training_batch(pictures, {1}, 6, 2, {}).inputs, alone.inputs));
}

TEST_CASE("a batch is the same bytes with each cache, which other forms of its pictures may share",
          "[augment]") {
  const base::TemporaryFolder folder;
  const auto items = four_pictures(folder.path());
  const task::Keeping on_disk = {"disk", folder.path() / "cache"};
  Squares squares(items, 64, on_disk);
  squares.load({});
  const auto made = [&](const task::Keeping& keeping) {
    TrainingPictures pictures(items, 64, keeping);
    pictures.load({});
    return training_batch(pictures, {3, 1, 0}, 5, 2, {}).inputs;
  };
  const auto plain = made({"no"});
  for (const auto& keeping : {task::Keeping{}, task::Keeping{"ram"}, on_disk}) {
    INFO(keeping.cache);
    CHECK(torch::equal(made(keeping), plain));
  }
  for (const auto& item : items) std::filesystem::resize_file(item.image, 9);
  CHECK_THROWS_AS(made({"ram"}), base::Error);
  CHECK(squares.kept_in_words() == "on disk in " + (folder.path() / "cache").string());
}

TEST_CASE("a picture's square is its middle, however long it is", "[augment]") {
  const auto wide = centre_square(map_of(200, 50), 32);
  CHECK(wide.width == 32);
  CHECK(wide.height == 32);
  CHECK(std::abs(int{wide.at(0, 16)[0]} - 96) < 6);  // from 3/8 to 5/8 of the width
  CHECK(std::abs(int{wide.at(31, 16)[0]} - 159) < 6);
  CHECK(centre_square(map_of(8, 9), 32).rgb.size() == 32 * 32 * 3);
}
