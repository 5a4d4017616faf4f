#include "runner/detect/coco_set.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "runner/detect/convert.h"
#include "runner/detect/outline.h"

using namespace lotse;
using namespace lotse::runner::detect;
using Catch::Matchers::Contains;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

/// Two pictures of 100 x 50, of which only the names matter here.
class Set {
 public:
  Set() {
    fs::create_directories(path("pictures/day"));
    for (const auto* name : {"a.jpg", "day/b.jpg"}) std::ofstream(path("pictures") / name) << "x";
    document = {
        {"categories", {{{"id", 7}, {"name", "bus: \"red\""}}, {{"id", 3}, {"name", "cat"}}}},
        {"images",
         {{{"id", 1}, {"file_name", "a.jpg"}, {"width", 100}, {"height", 50}},
          {{"id", 2}, {"file_name", "day/b.jpg"}, {"width", 100}, {"height", 50}}}},
        {"annotations",
         {{{"image_id", 1},
           {"category_id", 7},
           {"bbox", {10, 10, 20, 30}},
           {"segmentation", json::array()}},
          {{"image_id", 1}, {"category_id", 3}, {"bbox", {90, 0, 20, 10}}},
          {{"image_id", 2}, {"category_id", 3}, {"bbox", {0, 0, 9, 9}}, {"iscrowd", 1}}}}};
  }

  fs::path path(const std::string& name) const { return folder_.path() / name; }

  /// Its JSON and its pictures' folder are both parts of one data set.
  DataSet read(bool skip_bad = false, const std::string& names = "") {
    std::ofstream(path("coco.json")) << document.dump();
    const std::string part = "{annotations: coco.json, images: pictures}";
    std::ofstream(path("data.yaml")) << "train: " + part + "\nval: [" + part + "]\n" + names;
    return read_data_set(path("data.yaml"), skip_bad);
  }

  json document;

 private:
  base::TemporaryFolder folder_;
};

}  // namespace

TEST_CASE("COCO: classes by their ids, boxes as parts of the sides and cut to the picture") {
  Set set;
  const auto direct = set.read();
  CHECK(direct.names == std::vector<std::string>{"cat", "bus: \"red\""});
  REQUIRE(direct.train.size() == 2);
  CHECK(direct.train[0].image == set.path("pictures/a.jpg"));
  REQUIRE(direct.notes.size() == 2);
  CHECK_THAT(direct.notes[0], Contains("1 annotations mark crowds"));
  CHECK(direct.train[1].boxes.empty());
  REQUIRE(direct.train[1].crowds.size() == 1);
  CHECK(direct.train[1].crowds[0].class_id == 0);
  CHECK(direct.train[1].crowds[0].x2 == Approx(0.09));
  CHECK(direct.train[1].crowds[0].y2 == Approx(0.18));

  const auto converted = convert(direct, set.path("made"), {});
  CHECK(converted.pictures == 4);
  CHECK(converted.objects == 4);
  const auto read = read_data_set(set.path("made/data.yaml"));
  CHECK(read.names == direct.names);
  REQUIRE(read.train.size() == 2);
  CHECK(base::read_file(set.path("made/labels/train/a.txt")) ==
        "0 0.95 0.1 0.1 0.2\n1 0.2 0.5 0.2 0.6\n");
  CHECK(read.val[1].image == set.path("made/images/val/day/b.jpg"));
  CHECK(read.val[1].labelled);
  CHECK(read.val[1].boxes.empty());
  CHECK_THROWS_WITH(convert(direct, set.path("made"), {}), Contains("made: is there already"));
}

TEST_CASE("COCO: annotations that stand twice count once, which is told") {
  Set set;
  const json bus = set.document["annotations"][0];
  set.document["annotations"].push_back(bus);
  set.document["annotations"].push_back(bus);
  const auto read = set.read();
  CHECK(read.train.at(0).boxes.size() == 2);
  REQUIRE(read.notes.size() == 4);  // of either part: crowds and these
  CHECK_THAT(read.notes[1],
             Contains("which count once: 2; the first: ") && Contains("coco.json: annotations[3]"));
}

TEST_CASE("COCO: ids that are texts or 7.0, names of another machine") {
  Set set;
  for (auto& image : set.document["images"]) {
    image["id"] = "picture " + std::to_string(image["id"].get<int>());
    image["file_name"] = "/home/somebody/pictures/" + image["file_name"].get<std::string>();
  }
  for (auto& one : set.document["annotations"]) {
    one["image_id"] = "picture " + std::to_string(one["image_id"].get<int>());
    one["category_id"] = one["category_id"].get<double>();
  }
  const auto read = set.read();
  CHECK(read.train.at(0).image == set.path("pictures/a.jpg"));
  CHECK(read.train.at(0).boxes.size() == 2);
  CHECK(read.train.at(1).image == set.path("pictures/day/b.jpg"));
  CHECK(read.train.at(1).crowds.size() == 1);
  CHECK_THAT(read.notes.at(0), Contains("another system's or machine's: 2; the first: "));

  set.document["annotations"][0]["image_id"] = "picture 9";
  set.document["annotations"][1]["category_id"] = 7.5;
  set.document["images"][1].erase("width");
  CHECK_THROWS_WITH(set.read(), Contains("its image_id 'picture 9' is no picture's") &&
                                    Contains("annotations[1]: has no image_id and category_id") &&
                                    Contains("images[1]: has no width"));
}

TEST_CASE("COCO: where no picture can be used, it is told why") {
  Set set;
  for (auto& image : set.document["images"]) image.erase("height");
  CHECK_THROWS_WITH(set.read(true), Contains("names no picture that can be used; left out were") &&
                                        Contains("coco.json: images[0]: has no height"));
}

TEST_CASE("COCO: polygons are outlines, of several parts one; what is none is told") {
  Set set;
  const auto part = [](int x, int y) {
    return json::array({x, y, x + 8, y, x + 8, y + 8, x, y + 8});
  };
  int height = 8;  // no two boxes are the same
  const auto object = [&](const json& segmentation) {
    set.document["annotations"].push_back({{"image_id", 2},
                                           {"category_id", 3},
                                           {"bbox", {20, 10, 20, height++}},
                                           {"segmentation", segmentation}});
  };
  object(json::array({part(20, 10), part(32, 10)}));
  object({{"counts", {3, 4}}, {"size", {50, 100}}});
  object(json::array({1, 2, 3}));
  object(json::array({json::array({20, 10, 40, 10, 30})}));
  object(json::array({part(70, 30)}));
  const auto read = set.read();
  const auto& item = read.train.at(1);
  REQUIRE(item.boxes.size() == 5);
  for (size_t i = 1; i < item.boxes.size(); ++i) CHECK(outline_of(item, i).empty());
  const auto& outline = outline_of(item, 0);
  REQUIRE(outline.size() == 10);  // four corners each, and both ends of the seam once more
  const auto around = bounds(outline, 0);
  CHECK(around.x1 == Approx(0.20));
  CHECK(around.x2 == Approx(0.40));
  CHECK(around.y2 == Approx(0.36));
  std::string notes;
  for (const auto& note : read.notes) notes += note + "\n";
  CHECK_THAT(notes, Contains("1 segmentations are masks (RLE)"));
  CHECK_THAT(notes, Contains("2 segmentations are no list of polygons"));
  CHECK_THAT(notes, Contains("1 segmentations do not lie where their bbox does"));
  // In the middle between the parts there is nothing of the object.
  Outline pixels;
  for (const auto& [x, y] : outline) pixels.push_back({x * 100, y * 50});
  CHECK(inside(pixels, 12, 100) == std::vector<std::pair<int, int>>{{20, 28}, {32, 40}});
}

TEST_CASE("COCO: every mistake has its place, or is left out") {
  Set set;
  auto& annotations = set.document["annotations"];
  annotations.push_back({{"image_id", 9}, {"category_id", 3}, {"bbox", {0, 0, 9, 9}}});
  annotations.push_back({{"image_id", 1}, {"category_id", 1}, {"bbox", {0, 0, 9, 9}}});
  annotations.push_back({{"image_id", 1}, {"category_id", 3}, {"bbox", {0, 0, 9}}});
  annotations.push_back({{"image_id", 1}, {"category_id", 3}, {"bbox", {0, 0, 0, 9}}});
  annotations.push_back("no object");
  annotations.push_back({{"image_id", 5}, {"category_id", 3}, {"bbox", {0, 0, 9, 9}}});
  int id = 5;
  for (const auto* name : {"gone.jpg", "../a.jpg"})
    set.document["images"].push_back(
        {{"id", id++}, {"file_name", name}, {"width", 100}, {"height", 50}});
  try {
    set.read();
    FAIL("no error");
  } catch (const base::Error& error) {
    const std::string text = error.what();
    CHECK_THAT(text, Contains("coco.json: annotations[3]: its image_id 9 is no picture's"));
    CHECK_THAT(text, Contains("annotations[4]: its category_id 1 is no category's"));
    CHECK_THAT(text, Contains("annotations[5]: has no bbox of four numbers"));
    CHECK_THAT(text, Contains("annotations[6]: nothing of its bbox lies in the picture"));
    CHECK_THAT(text, Contains("annotations[7]: is not an object"));
    CHECK_THAT(text, !Contains("annotations[8]"));  // its picture is told of
    CHECK_THAT(text, Contains("images[2]: there is no picture "));
    CHECK_THAT(text, Contains("images[3]: '../a.jpg' does not lie in the folder"));
  }
  CHECK(set.read(true).left_out.in_words() == "10 label rows, 4 pictures and 0 entries of lists");

  Set other;
  other.document.erase("images");
  CHECK_THROWS_WITH(other.read(), Contains("coco.json: has no list 'images'"));
  other.document = 3;
  CHECK_THROWS_WITH(other.read(), Contains("coco.json: is not COCO's JSON"));
  std::ofstream(other.path("cut_train.json")) << R"({"images": [{"id": 1, )";
  CHECK_THROWS_WITH(read_data_set(other.path("cut_train.json")), Contains("is no JSON from byte "));
}

TEST_CASE("COCO: data.yaml's names are the classes, and a category that is none of them is told") {
  Set set;
  const auto read = set.read(false, "names: ['bus: \"red\"', dog, cat]\n");
  REQUIRE(read.train[0].boxes.size() == 2);
  CHECK(read.train[0].boxes[0].class_id == 0);
  CHECK(read.train[0].boxes[1].class_id == 2);
  CHECK_THROWS_WITH(set.read(false, "names: [cat]\n"),
                    Contains("annotations[0]: 'bus: \"red\"' is none of the classes"));
}

TEST_CASE("COCO: a file brings those of the other parts, and its pictures are found") {
  const bool roboflow = GENERATE(true, false);
  Set set;
  const std::string train = roboflow ? "train/_annotations.coco.json"
                                     : "annotations/instances_train2017.json",
                    val = roboflow ? "valid/_annotations.coco.json"
                                   : "annotations/instances_val2017.json";
  for (const auto& file : {train, val}) fs::create_directories(set.path(file).parent_path());
  std::ofstream(set.path(train)) << set.document.dump();
  CHECK_THROWS_WITH(read_data_set(set.path(train)),
                    Contains("has no file of the part 'val' beside it") &&
                        Contains("none of its pictures is beside it"));
  std::ofstream(set.path(val)) << set.document.dump();
  for (const auto* folder : {roboflow ? "train" : "train2017", roboflow ? "valid" : "val2017"})
    fs::copy(set.path("pictures"), set.path(folder), fs::copy_options::recursive);
  for (const auto& data : {train, val, std::string()}) {
    const auto read = read_data_set(set.path(data));
    CHECK(read.train.size() == 2);
    CHECK(read.val.at(0).image == set.path(roboflow ? "valid/a.jpg" : "val2017/a.jpg"));
    CHECK_FALSE(read.label_files);
  }
  const auto measured = read_data_set(set.path(train), false, Parts::val);
  CHECK(measured.train.empty());
  CHECK(measured.val.size() == 2);
}

TEST_CASE("convert: two pictures that differ in their endings alone keep their own labels") {
  const base::TemporaryFolder folder;
  for (const auto* name : {"a.png", "a.jpg"}) std::ofstream(folder.path() / name) << name;
  DataSet set;
  set.names = {"x"};
  set.train = {{folder.path() / "a.png", {{0, 0, 0, 1, 1}}, true},
               {folder.path() / "a.jpg", {}, true}};
  convert(set, folder.path() / "made", {});
  const auto read = read_data_set(folder.path() / "made", false, Parts::all);
  REQUIRE(read.train.size() == 2);
  CHECK(read.train[0].image.filename() == "a-2.jpg");
  CHECK(read.train[0].boxes.empty());
  CHECK(read.train[1].boxes.size() == 1);
}
