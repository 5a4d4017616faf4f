#include "runner/detect/dataset.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "base/error.h"
#include "base/files.h"
#include "runner/detect/pictures.h"
#include "runner/detect/yolo_set.h"

using namespace lotse;
using namespace lotse::runner;
using namespace lotse::runner::detect;
using Catch::Matchers::Contains;

namespace {

namespace fs = std::filesystem;

void write(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

/// A data set of one picture and its label a part, on which each test then builds.
struct Place {
  base::TemporaryFolder folder;
  fs::path at = folder.path();
  fs::path yaml = at / "data.yaml";

  explicit Place(const std::string& more = "") {
    write(yaml, "train: images/train\nval: images/val\nnames: [a, b]\n" + more);
    for (const std::string part : {"train", "val"}) {
      write(at / "images" / part / "0.png", media::encode_png(media::blank(8, 6, 90)));
      write(at / "labels" / part / "0.txt", "0 0.5 0.5 0.5 0.5\n");
    }
  }
  DataSet read(bool skip_bad = false) const { return read_data_set(yaml, skip_bad); }
};

std::vector<std::string> names_of(const std::vector<Item>& items) {
  std::vector<std::string> names;
  for (const auto& item : items) names.push_back(item.image.filename().string());
  return names;
}

void check_box(const Box& box, double x1, double y1, double x2, double y2) {
  CHECK(box.x1 == Approx(x1));
  CHECK(box.y1 == Approx(y1));
  CHECK(box.x2 == Approx(x2));
  CHECK(box.y2 == Approx(y2));
}

}  // namespace

TEST_CASE("pose labels: the box is columns 2 to 5, and the columns are counted") {
  const int dimensions = GENERATE(2, 3);
  Place place("kpt_shape: [2, " + std::to_string(dimensions) + "]\n");
  const std::string points = dimensions == 2 ? " 0.1 0.1 0.9 0.9" : " 0.1 0.1 1 0.9 0.9 2";
  write(place.at / "labels/train/0.txt", "1 0.5 0.5 0.2 0.2" + points + "\n");
  const auto set = place.read();
  REQUIRE(set.train.at(0).boxes.size() == 1);
  check_box(set.train[0].boxes[0], 0.4, 0.4, 0.6, 0.6);
  CHECK(set.train[0].boxes[0].class_id == 1);
  CHECK(set.val.at(0).boxes.size() == 1);  // a box without points
  REQUIRE(set.notes.size() == 1);
  CHECK_THAT(set.notes[0], Contains("keypoints are not"));
  write(place.at / "labels/train/0.txt", "0 0.1 0.1 0.2 0.1 0.2 0.2\n");  // an outline
  CHECK_THROWS_WITH(place.read(), Contains("0.txt:1: has 7 values; kpt_shape [2, "));
}

TEST_CASE("pose labels: a kpt_shape that is none is refused") {
  for (const auto* shape : {"[2]", "[2, 4]", "[0, 3]", "17", "[a, b]", "[1000000000000, 3]"})
    CHECK_THROWS_WITH(Place(std::string("kpt_shape: ") + shape).read(),
                      Contains("data.yaml:4") && Contains("[number of points, 2 or 3]"));
}

TEST_CASE(
    "names that begin with a dot are skipped, folders too; links are followed, not in rings") {
  Place place;
  const auto train = place.at / "images/train";
  const auto picture = base::read_file(train / "0.png");
  write(train / "._0.png", "AppleDouble");
  write(train / ".ipynb_checkpoints/0-checkpoint.png", picture);
  write(place.at / "elsewhere/1.png", picture);
  fs::create_directory_symlink(place.at / "elsewhere", train / "more");
  fs::create_directory_symlink(place.at / "images", train / "ring");
  CHECK((names_of(place.read().train) == std::vector<std::string>{"0.png", "1.png"}));
}

TEST_CASE("files that are no pictures are told by their ending; labels and hidden ones are not") {
  Place place;
  const auto train = place.at / "images/train";
  for (const auto* name :
       {"a.heic", "b.HEIC", "Thumbs.db", "README", "0.txt", ".DS_Store", "0.npy"})
    write(train / name, "x");
  fs::create_symlink("gone.png", train / "link.png");
  const auto set = place.read();
  CHECK(set.train.size() == 1);
  REQUIRE(set.notes.size() == 1);
  CHECK_THAT(set.notes[0], Contains("train: left out") &&
                               Contains("1 without an ending, 1 .db, 2 .heic, 1 links to nothing"));
}

TEST_CASE("BMP and TIFF are pictures of a data set") {
  Place place;
  for (const auto* name : {"1.bmp", "2.tif", "3.TIFF", "4.jpg", "5.jpeg", "6.webp"})
    write(place.at / "images/train" / name, "x");
  CHECK(place.read().train.size() == 7);
}

TEST_CASE("labels: .TXT, beside the pictures, missing") {
  Place place;
  const auto labels = place.at / "labels/train";
  fs::rename(labels / "0.txt", labels / "0.TXT");
  CHECK(place.read().train[0].boxes.size() == 1);
  fs::remove_all(place.at / "labels");
  auto set = place.read();
  CHECK(set.notes.empty());
  CHECK_FALSE(set.train[0].labelled);
  write(place.at / "images/train/0.txt", "1 0.5 0.5 0.5 0.5\n");
  set = place.read();
  CHECK(set.train[0].labelled);
  CHECK(set.train[0].boxes.at(0).class_id == 1);
  REQUIRE(set.notes.size() == 1);
  CHECK_THAT(set.notes[0],
             Contains("no label files in " + labels.string()) && Contains("beside the pictures"));
  CHECK_FALSE(set.val[0].labelled);
  write(labels / "0.txt", "");  // the right place again goes before it
  set = place.read();
  CHECK(set.train[0].labelled);
  CHECK(set.train[0].boxes.empty());
}

TEST_CASE("../train/images that is not there is train/images beside data.yaml") {
  Place place;
  fs::rename(place.at / "images/train", place.at / "pictures");
  write(place.yaml, "train: ../pictures\nval: [../images/val]\nnames: [a, b]\n");
  const auto set = place.read();
  CHECK(set.train.size() == 1);
  CHECK(set.val.size() == 1);
  REQUIRE(set.notes.size() == 2);
  CHECK(set.notes[0] == "train: ../pictures is not there; pictures is taken");
  write(place.yaml, "train: ../nowhere\nval: images/val\nnames: [a, b]\n");
  CHECK_THROWS_WITH(place.read(), Contains("../nowhere: there is no such folder") &&
                                      Contains("Paths begin at data.yaml's folder"));
}

TEST_CASE("byte order marks and line ends of other systems are not in the way") {
  const std::string mark = "\xef\xbb\xbf";
  const std::string end = GENERATE("\n", "\r\n", "\r");
  Place place;
  write(place.yaml, mark + "train: list.TXT\r\nval: images/val\r\nnames: [a, b]\r\n");
  write(place.at / "list.TXT", mark + "images/train/0.png" + end + "./images/val/0.png" + end);
  write(place.at / "labels/train/0.txt",
        mark + "1\t0.5 0.5  0.5 0.5 " + end + end + "0 0.2 0.2 0.1 0.1" + end);
  const auto set = place.read();
  REQUIRE(set.train.size() == 2);
  REQUIRE(set.train[0].boxes.size() == 2);
  CHECK(set.train[0].boxes[0].class_id == 1);
}

TEST_CASE("UTF-16 is refused by its name, what is not a number is shown, however hidden") {
  Place place;
  const auto label = place.at / "labels/train/0.txt";
  write(label, std::string("\xff\xfe"
                           "0\0 \0",
                           6));
  CHECK_THROWS_WITH(place.read(), Contains("0.txt: is UTF-16, not UTF-8") && Contains("iconv"));
  write(label, std::string("0\0 \0", 4));
  CHECK_THROWS_WITH(place.read(), Contains("0.txt: is no text in UTF-8"));
  write(label,
        "0 0.5 0.5 0.5 0.5\n0 0.5\x1b[2J 0.5 0.5 0.5\n\xef\xbb\xbf"
        "0 0.5 0.5 0.5 0.5\n0 0,5 0.5 0.5 0.5\n");
  CHECK_THROWS_WITH(place.read(), Contains("0.txt:2: '0.5\\x1b[2J' is not a number") &&
                                      Contains("0.txt:3: '\\ufeff0' is not a number") &&
                                      Contains("0.txt:4: '0,5' is not a number"));
  write(place.yaml, std::string("\xff\xfet\0", 4));
  CHECK_THROWS_WITH(place.read(), Contains("data.yaml:1:1: is UTF-16, not UTF-8"));
}

TEST_CASE("class numbers that are none, or no number's range, are refused") {
  Place place;
  const auto label = [&](const std::string& number) {
    write(place.at / "labels/train/0.txt", number + " 0.5 0.5 0.5 0.5\n");
  };
  for (const auto* bad : {"-1", "2", "0.5", "1e300"}) {
    INFO(bad);
    label(bad);
    CHECK_THROWS_WITH(place.read(), Contains("0.txt:1: class "));
  }
  for (const auto* bad : {"nan", "inf", "0x1", "1e999", "+-1", "++1", "1_0"}) {
    INFO(bad);
    label(bad);
    CHECK_THROWS_WITH(place.read(),
                      Contains("0.txt:1: '" + std::string(bad) + "' is not a number"));
  }
  for (const auto* good : {"1", "+1", "1.0", "1e0", "01"}) {
    INFO(good);
    label(good);
    CHECK(place.read().train.at(0).boxes.at(0).class_id == 1);
  }
}

TEST_CASE("rows without area in the picture are told, by whatever they are") {
  Place place;
  write(place.at / "labels/train/0.txt",
        "0 0.5 0.5 0.5 0.5\n"
        "0 1.005 0.5 0.008 0.5\n"              // the whole box beyond the edge
        "1 0.3 0.1 0.3 0.4 0.3 0.8\n"          // an outline without width
        "1 1.002 0.1 1.006 0.4 1.004 0.8\n");  // one beyond the edge
  CHECK_THROWS_WITH(place.read(), Contains("0.txt:2: has no area in the picture") &&
                                      Contains("0.txt:3: has no area") &&
                                      Contains("0.txt:4: has no area"));
  const auto set = place.read(true);
  CHECK(set.train.at(0).boxes.size() == 1);
  CHECK(set.left_out.in_words() == "3 label rows, 0 pictures and 0 entries of lists");
}

TEST_CASE("a label file that is a folder leaves its picture out, and ends nothing") {
  Place place;
  write(place.at / "images/train/1.png", base::read_file(place.at / "images/train/0.png"));
  fs::create_directories(place.at / "labels/train/1.txt");
  write(place.at / "labels/train/0.txt", "7 0.5 0.5 0.5 0.5\n");
  CHECK_THROWS_WITH(place.read(), Contains("1.txt: is a folder, not a label file") &&
                                      Contains("0.txt:1: class 7"));
  const auto set = place.read(true);
  CHECK((names_of(set.train) == std::vector<std::string>{"0.png"}));
  CHECK(set.left_out.in_words() == "1 label rows, 1 pictures and 0 entries of lists");
}

TEST_CASE("label files that belong to no picture are found") {
  Place place;
  CHECK(labels_without_picture(place.read()).empty());
  for (const auto* name : {"labels/train/lost.txt", "labels/val/a.b.TXT", "labels/val/classes.txt",
                           "labels/val/.hidden.txt", "labels/val/0.json"})
    write(place.at / name, "");
  write(place.at / "images/val/a.png", base::read_file(place.at / "images/val/0.png"));
  CHECK((labels_without_picture(place.read()) ==
         std::vector{place.at / "labels/train/lost.txt", place.at / "labels/val/a.b.TXT"}));
}

TEST_CASE("--skip-bad goes on without bad rows, entries and pictures, and counts them") {
  Place place;
  write(place.yaml, "train: list.txt\nval: images/val\nnames: [a, b]\n");
  write(place.at / "list.txt",
        "images/train/0.png\nimages/gone.png\nimages/train/cut.png\nimages/train/wide.png\n");
  const auto good = base::read_file(place.at / "images/train/0.png");
  write(place.at / "images/train/cut.png", good.substr(0, good.size() / 2));
  write(place.at / "images/train/wide.png", good);
  write(place.at / "labels/train/0.txt", "0 0.5 0.5 0.5 0.5\n9 0.5 0.5 0.5 0.5\n0 1 2\n");
  write(place.at / "labels/train/wide.txt", std::string("\xff\xfe\x30\0", 4));
  CHECK_THROWS_WITH(place.read(), Contains("list.txt:2: ") && Contains("0.txt:2: class 9") &&
                                      Contains("0.txt:3: ") && Contains("wide.txt: is UTF-16"));
  const auto set = place.read(true);
  CHECK((names_of(set.train) == std::vector<std::string>{"0.png", "cut.png"}));
  CHECK(set.train[0].boxes.size() == 1);
  CHECK(set.left_out.in_words() == "2 label rows, 1 pictures and 1 entries of lists");
  CHECK_THAT(set.left_out.all[0].text(), Contains("list.txt:2: there is no picture"));

  Pictures strict(set.train, 8), lenient(set.train, 8);
  CHECK_THROWS_WITH(strict.load({}), Contains("cut.png: damaged PNG"));
  const auto left_out = lenient.load({}, true);
  REQUIRE(left_out.all.size() == 1);
  CHECK(left_out.all[0].where == (place.at / "images/train/cut.png").string());
  CHECK_THAT(left_out.all[0].text(), Contains("cut.png: damaged PNG"));
  REQUIRE(lenient.count() == 1);
  CHECK(lenient.get(0)->image.width == 8);
  CHECK((names_of(lenient.items()) == std::vector<std::string>{"0.png"}));

  Pictures nothing({set.train[1]}, 8);
  CHECK_THROWS_WITH(nothing.load({}, true), Contains("none of the pictures can be decoded"));
  write(place.yaml, "train: nowhere\nval: images/val\nnames: [a, b]\n");
  CHECK_THROWS_WITH(place.read(true), Contains("nowhere"));  // not a thing to go on without
}

TEST_CASE("a name with control characters keeps a message on its line") {
  Place place;
  write(place.at / "images/train/a\n\x1b[31m.png", "x");
  write(place.at / "labels/train/a\n\x1b[31m.txt", "7 0 0 1 1\n");
  CHECK_THROWS_WITH(place.read(), Contains("a\\n\\x1b[31m.txt:1: class 7"));
}
