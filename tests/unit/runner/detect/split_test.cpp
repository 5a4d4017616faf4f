#include "runner/detect/split.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <set>

#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"

using namespace lotse;
using namespace lotse::runner::detect;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

Item with(const std::string& path, const std::vector<int64_t>& classes) {
  Item item{path, {}, true};
  for (const auto c : classes) item.boxes.push_back({c, 0, 0, 1, 1});
  return item;
}

const SplitPart& part(const std::vector<SplitPart>& parts, const std::string& name) {
  for (const auto& one : parts)
    if (one.part == name) return one;
  throw std::runtime_error("no part " + name);
}

}  // namespace

TEST_CASE("split: every part has its share of the pictures, and of a rare class too") {
  std::vector<Item> items;
  for (int i = 0; i < 200; ++i) {
    std::vector<int64_t> classes = {0};
    if (i % 10 == 0) classes.push_back(1);
    if (i % 20 == 10) classes.push_back(2);  // 10 pictures, all with class 1 too
    if (i % 3 == 0) classes = {};
    items.push_back(with("set/" + std::to_string(i) + ".jpg", classes));
  }
  const auto parts = split(items, 3, {0.2, 0.1, 5, "none"});
  REQUIRE(parts.size() == 3);
  CHECK(part(parts, "val").pictures.size() == Approx(40).margin(1));
  CHECK(part(parts, "test").pictures.size() == Approx(20).margin(1));
  std::set<size_t> all;
  for (const auto& one : parts) all.insert(one.pictures.begin(), one.pictures.end());
  CHECK(all.size() == 200);
  for (size_t c = 0; c < 3; ++c) {
    int64_t total = 0;
    for (const auto& one : parts) total += one.with_object[c];
    CHECK(std::abs(static_cast<double>(part(parts, "val").with_object[c]) -
                   0.2 * static_cast<double>(total)) <= 1);
    CHECK(std::abs(static_cast<double>(part(parts, "test").with_object[c]) -
                   0.1 * static_cast<double>(total)) <= 1);
  }
  CHECK(split(items, 3, {0.2, 0.1, 5, "none"})[0].pictures == parts[0].pictures);
  CHECK(split(items, 3, {0.2, 0.1, 6, "none"})[0].pictures != parts[0].pictures);
}

TEST_CASE("split: groups stay together, and a part that none is left for is refused") {
  std::vector<Item> items;
  for (int video = 0; video < 10; ++video)
    for (int frame = 0; frame < 7; ++frame)
      items.push_back(
          with(base::cat("set/", video / 5, "/v", video, "_", frame, ".jpg"), {video % 2}));
  for (const std::string rule : {"prefix", "folder"}) {
    const double val = rule == "folder" ? 0.5 : 0.2;
    const auto parts = split(items, 2, {val, 0, 1, rule});
    REQUIRE(parts.size() == 2);
    std::vector<std::set<std::string>> groups;
    for (const auto& one : parts) {
      groups.emplace_back();
      for (const auto i : one.pictures)
        groups.back().insert(rule == "folder" ? items[i].image.parent_path().string()
                                              : items[i].image.string().substr(0, 8));
    }
    for (const auto& group : groups[0]) CHECK(groups[1].count(group) == 0);
    CHECK(part(parts, "val").pictures.size() == static_cast<size_t>(70 * val));
  }
  CHECK_THROWS_WITH(split(items, 2, {0.2, 0.1, 1, "folder"}),
                    Contains("would have no picture: there are 2 that can be parted"));
}

TEST_CASE("split: lists that are read again, nothing written over, all or nothing") {
  const base::TemporaryFolder folder;
  const auto at = folder.path();
  for (const std::string name : {"a", "b", "c", "d"}) {
    fs::create_directories(at / "images");
    fs::create_directories(at / "labels");
    std::ofstream(at / "images" / (name + ".jpg")) << "x";
    std::ofstream(at / "labels" / (name + ".txt")) << "1 0.5 0.5 0.2 0.2 0.1 0.1 0.9 0.9\n";
  }
  std::ofstream(at / "data.yaml")
      << "train: images\nval: images\nnames: [x, \"y: z\"]\nkpt_shape: [2, 2]\n";
  const auto set = read_data_set(at, false, Parts::all);
  const auto items = all_pictures(set);
  CHECK(items.size() == 4);
  const auto parts = split(items, 2, {0.25, 0, 0, "none"});
  for (const auto& where : {at / "halves", at / "images/deep"}) {
    write_split(items, set, parts, where, false);
    const auto read = read_data_set(where);
    CHECK(read.names == set.names);
    CHECK(read.train.size() == 3);
    REQUIRE(read.val.size() == 1);
    CHECK(read.val[0].boxes.at(0).class_id == 1);
    CHECK(base::read_file(where / "val.txt").starts_with("../"));
  }
  CHECK_THROWS_WITH(write_split(items, set, parts, at, false),
                    Contains("data.yaml: is there already") && Contains("--overwrite"));
  CHECK_FALSE(fs::exists(at / "train.txt"));
  write_split(items, set, parts, at, true);
  CHECK(base::read_file(at / "val.txt").starts_with("./images/"));
  CHECK(read_data_set(at).train.size() == 3);
}
