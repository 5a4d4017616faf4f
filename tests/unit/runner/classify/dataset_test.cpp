#include "runner/classify/dataset.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "runner/classify/check.h"
#include "runner/classify/split.h"
#include "runner/media/codec.h"

using namespace lotse;
using namespace lotse::runner::classify;
namespace fs = std::filesystem;

namespace {

void touch(const fs::path& path) {
  fs::create_directories(path.parent_path());
  std::ofstream(path) << "x";
}

std::string mistakes(const fs::path& folder, bool skip_bad = false) {
  try {
    read_data_set(folder, skip_bad);
  } catch (const base::Error& error) {
    CHECK(error.kind() == base::ErrorKind::invalid);
    return std::string(error.what()) + " " + error.hint();
  }
  return "";
}

/// Two classes, pictures in both parts.
class Pets {
 public:
  Pets() {
    for (const auto* file : {"train/dog/1.jpg", "train/dog/more/2.PNG", "train/cat/1.jpg",
                             "val/cat/9.jpg", "val/dog/9.jpg"})
      touch(at() / file);
  }
  fs::path at() const { return folder_.path(); }

 private:
  base::TemporaryFolder folder_;
};

}  // namespace

TEST_CASE("classes: folders by name, pictures however deep", "[classes]") {
  const Pets pets;
  const auto set = read_data_set(pets.at());
  CHECK(set.names == std::vector<std::string>{"cat", "dog"});
  REQUIRE(set.train.size() == 3);
  CHECK(set.train[0].image == pets.at() / "train/cat/1.jpg");
  CHECK(set.train[0].class_id == 0);
  CHECK(set.train[2].image == pets.at() / "train/dog/more/2.PNG");
  CHECK(set.train[2].class_id == 1);
  CHECK(set.by_class(set.train) == std::vector<int64_t>{1, 2});
  CHECK(set.val.size() == 2);
  CHECK(set.notes.empty());
  CHECK(set.left_out.empty());
}

TEST_CASE("classes: sorted by their bytes, as the field sorts them", "[classes]") {
  const base::TemporaryFolder folder;
  for (const auto* name : {"b", "B", "10", "9", "é"}) {
    touch(folder.path() / "train" / name / "1.jpg");
    touch(folder.path() / "val" / name / "1.jpg");
  }
  CHECK(read_data_set(folder.path()).names == std::vector<std::string>{"10", "9", "B", "b", "é"});
}

TEST_CASE("classes: other names of the part for validation", "[classes]") {
  const auto* const name = GENERATE("valid", "validation", "test");
  const Pets pets;
  fs::rename(pets.at() / "val", pets.at() / name);
  CHECK(read_data_set(pets.at()).val.size() == 2);
}

TEST_CASE("classes: what is no data set says what it needs", "[classes]") {
  const Pets pets;
  CHECK_THAT(mistakes(pets.at() / "none"), Catch::Contains("none: there is no such folder"));
  CHECK_THAT(mistakes(pets.at() / "train/dog/1.jpg"), Catch::Contains("is a file"));
  CHECK_THAT(mistakes(pets.at() / "train"), Catch::Contains("has no folder 'train'") &&
                                                Catch::Contains("has no folder 'val'") &&
                                                Catch::Contains("train/cat, train/dog"));
  fs::remove_all(pets.at() / "train");
  CHECK_THAT(mistakes(pets.at()), Catch::Contains("has no folder 'train'"));
  const auto only_val = read_data_set(pets.at(), false, Parts::val);
  CHECK(only_val.names == std::vector<std::string>{"cat", "dog"});
  CHECK(only_val.val.size() == 2);
}

TEST_CASE("classes: every mistake with its place, or left out", "[classes]") {
  const Pets pets;
  fs::create_directories(pets.at() / "train/empty");
  fs::create_directories(pets.at() / "train/.ipynb_checkpoints");
  touch(pets.at() / "train/notes/readme.heic");
  const auto without = mistakes(pets.at());
  CHECK_THAT(without, Catch::Contains("train/empty: a class without pictures"));
  CHECK_THAT(without, Catch::Contains("train/notes: a class without pictures; left out") &&
                          Catch::Contains("1 .heic"));
  fs::remove_all(pets.at() / "train/notes");
  touch(pets.at() / "val/dogs/1.jpg");
  fs::create_symlink("nowhere.jpg", pets.at() / "val/cat/gone.jpg");
  auto set = read_data_set(pets.at(), true);
  CHECK(set.names == std::vector<std::string>{"cat", "dog"});
  CHECK(set.val.size() == 2);
  REQUIRE(set.left_out.all.size() == 3);
  fs::remove(pets.at() / "train/empty");
  CHECK_THAT(mistakes(pets.at()), Catch::Contains("val/dogs: train has no class 'dogs'") &&
                                      Catch::Contains("val/cat/gone.jpg: is a link to nothing"));
  fs::remove_all(pets.at() / "val/cat");
  fs::remove_all(pets.at() / "val/dog");
  CHECK_THAT(mistakes(pets.at(), true), Catch::Contains("val: holds no pictures of the classes") &&
                                            Catch::Contains("val/dogs: train has no class 'dogs'"));
}

TEST_CASE("classes: what may not be meant is noted", "[classes]") {
  const Pets pets;
  touch(pets.at() / "train/loose.jpg");
  touch(pets.at() / "train/cat/notes.docx");
  fs::remove_all(pets.at() / "val/dog");
  const auto set = read_data_set(pets.at());
  const auto all = base::join(set.notes, "\n");
  CHECK_THAT(all, Catch::Contains("train: left out 1 pictures that are in no class's folder"));
  CHECK_THAT(all, Catch::Contains("1 .docx"));
  CHECK_THAT(all, Catch::Contains("class 'dog' has no pictures in val"));
}

TEST_CASE("classes: links are followed, but not in rings", "[classes]") {
  const Pets pets;
  const base::TemporaryFolder elsewhere;
  touch(elsewhere.path() / "7.jpg");
  fs::create_directory_symlink(elsewhere.path(), pets.at() / "train/dog/linked");
  fs::create_directory_symlink(pets.at() / "train", pets.at() / "train/dog/ring");
  const auto set = read_data_set(pets.at());
  CHECK(set.train.size() == 4);
}

TEST_CASE("classes: check tells every bad picture and class, and counts the rest", "[classes]") {
  const Pets pets;  // whose pictures are none
  std::ofstream(pets.at() / "train/dog/good.png", std::ios::binary)
      << lotse::runner::media::encode_png(lotse::runner::media::blank(8, 6, 90));
  touch(pets.at() / "val/bird/1.jpg");
  fs::create_directories(pets.at() / "train/empty");
  fs::remove_all(pets.at() / "val/dog");
  int64_t seen = 0;
  const auto checked = check(pets.at(), 2, [&](int64_t done, int64_t total) {
    CHECK(total == 5);
    seen = std::max(seen, done);
  });
  CHECK(seen == 5);
  std::vector<std::string> places;
  for (const auto& one : checked.left_out.all)
    places.push_back(fs::path(one.where).lexically_relative(pets.at()).string());
  CHECK(places == std::vector<std::string>{"train/empty", "val/bird", "train/cat/1.jpg",
                                           "train/dog/1.jpg", "train/dog/more/2.PNG",
                                           "val/cat/9.jpg"});
  REQUIRE(checked.parts.size() == 2);
  CHECK(checked.parts[0].part == "train");
  CHECK(checked.parts[0].by_class == std::vector<int64_t>{0, 1});
  CHECK(checked.parts[1].pictures == 0);
  CHECK_THAT(base::join(checked.notes, "\n"),
             Catch::Contains("class 'dog' has no pictures in val"));
  fs::remove_all(pets.at() / "val");
  CHECK(check(pets.at(), 1, {}).parts.size() == 1);
  fs::remove_all(pets.at() / "train");
  CHECK_THROWS_WITH(check(pets.at(), 1, {}), Catch::Contains("has no folder 'train'"));
}

TEST_CASE("classes: a folder is one of classes by its folders, in parts or not", "[classes]") {
  const Pets pets;
  CHECK(has_class_folders(pets.at()));
  CHECK(has_class_folders(pets.at() / "train"));
  CHECK_FALSE(has_class_folders(pets.at() / "train/cat"));
  CHECK_FALSE(has_class_folders(pets.at() / "train/cat/1.jpg"));
  const base::TemporaryFolder boxes;
  touch(boxes.path() / "train/images/1.jpg");
  touch(boxes.path() / "train/labels/1.txt");
  CHECK_FALSE(has_class_folders(boxes.path()));
}

TEST_CASE("classes: split makes parts of links, each with its share of each class", "[classes]") {
  const base::TemporaryFolder folder;
  for (int i = 0; i < 20; ++i) touch(folder.path() / "all/cat" / (std::to_string(i) + ".jpg"));
  for (int i = 0; i < 9; ++i) touch(folder.path() / "all/dog" / (std::to_string(i) + ".jpg"));
  touch(folder.path() / "all/dog/more/3.jpg");
  const auto set = read_unsplit(folder.path() / "all", false);
  CHECK(set.names == std::vector<std::string>{"cat", "dog"});
  REQUIRE(set.train.size() == 30);
  const auto parts = split(set, {0.2, 0.1, 7, "none"});
  REQUIRE(parts.size() == 3);
  CHECK(parts[1].by_class == std::vector<int64_t>{4, 2});
  CHECK(parts[2].by_class == std::vector<int64_t>{2, 1});
  const auto made = folder.path() / "made";
  write_split(set, parts, made, {});
  const auto read = read_data_set(made);
  CHECK(read.names == set.names);
  CHECK(read.by_class(read.train) == parts[0].by_class);
  CHECK(read.by_class(read.val) == parts[1].by_class);
  CHECK(fs::hard_link_count(read.train[0].image) == 2);
  // What was made can be parted anew, and no picture of a name that is there twice is lost.
  CHECK(read_unsplit(made, false).train.size() == 30);
  CHECK_THROWS_WITH(write_split(set, parts, made, {}), Catch::Contains("made: is there already"));
}

TEST_CASE("classes: what cannot be parted is refused", "[classes]") {
  const base::TemporaryFolder folder;
  for (int i = 0; i < 8; ++i) touch(folder.path() / "cat" / (std::to_string(i) + ".jpg"));
  CHECK_THROWS_WITH(read_unsplit(folder.path(), false), Catch::Contains("has no two classes"));
  fs::create_directories(folder.path() / "dog");
  CHECK_THROWS_WITH(read_unsplit(folder.path(), false),
                    Catch::Contains("dog: a class without pictures"));
  touch(folder.path() / "dog/1.jpg");
  touch(folder.path() / "loose.jpg");
  const auto set = read_unsplit(folder.path(), false);
  CHECK_THAT(base::join(set.notes, "\n"), Catch::Contains("left out 1 pictures"));
  CHECK_THROWS_WITH(split(set, {0.9, 0, 0, "none"}),
                    Catch::Contains("'train' would have no picture of the class 'dog'"));
}
