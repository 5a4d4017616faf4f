#include "runner/classify/dataset.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"

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
