#include "runner/detect/coco_set.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "runner/detect/dataset.h"

using namespace lotse;
using namespace lotse::runner::detect;
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
         {{{"image_id", 1}, {"category_id", 7}, {"bbox", {10, 10, 20, 30}}, {"segmentation", {1}}},
          {{"image_id", 1}, {"category_id", 3}, {"bbox", {90, 0, 20, 10}}},
          {{"image_id", 2}, {"category_id", 3}, {"bbox", {0, 0, 9, 9}}, {"iscrowd", 1}}}}};
  }

  fs::path path(const std::string& name) const { return folder_.path() / name; }

  Converted convert(bool skip_bad = false) {
    std::ofstream(path("coco.json")) << document.dump();
    return convert_coco({{"train", path("coco.json"), path("pictures")},
                         {"val", path("coco.json"), path("pictures")}},
                        path("made"), skip_bad, {});
  }

  json document;

 private:
  base::TemporaryFolder folder_;
};

}  // namespace

TEST_CASE("COCO: classes by their ids, boxes as parts of the sides and cut to the picture") {
  Set set;
  const auto converted = set.convert();
  CHECK(converted.pictures == 4);
  CHECK(converted.objects == 4);
  CHECK(converted.crowds == 2);
  const auto read = read_data_set(set.path("made/data.yaml"));
  CHECK(read.names == std::vector<std::string>{"cat", "bus: \"red\""});
  REQUIRE(read.train.size() == 2);
  CHECK(base::read_file(set.path("made/labels/train/a.txt")) ==
        "0 0.95 0.1 0.1 0.2\n1 0.2 0.5 0.2 0.6\n");
  CHECK(read.val[1].image == set.path("made/images/val/day/b.jpg"));
  CHECK(read.val[1].labelled);
  CHECK(read.val[1].boxes.empty());
  CHECK_THROWS_WITH(set.convert(), Catch::Contains("made: is there already"));
}

TEST_CASE("COCO: every mistake has its place, nothing is written, or it is left out") {
  Set set;
  auto& annotations = set.document["annotations"];
  annotations.push_back({{"image_id", 9}, {"category_id", 3}, {"bbox", {0, 0, 9, 9}}});
  annotations.push_back({{"image_id", 1}, {"category_id", 1}, {"bbox", {0, 0, 9, 9}}});
  annotations.push_back({{"image_id", 1}, {"category_id", 3}, {"bbox", {0, 0, 9}}});
  annotations.push_back({{"image_id", 1}, {"category_id", 3}, {"bbox", {0, 0, 0, 9}}});
  for (const auto* name : {"gone.jpg", "../a.jpg"})
    set.document["images"].push_back(
        {{"id", 5}, {"file_name", name}, {"width", 100}, {"height", 50}});
  try {
    set.convert();
    FAIL("no error");
  } catch (const base::Error& error) {
    const std::string text = error.what();
    CHECK_THAT(text, Catch::Contains("coco.json: annotations[3]: its image_id is no picture's"));
    CHECK_THAT(text, Catch::Contains("annotations[4]: its category_id is no category's"));
    CHECK_THAT(text, Catch::Contains("annotations[5]: has no bbox of four numbers"));
    CHECK_THAT(text, Catch::Contains("annotations[6]: nothing of its bbox lies in the picture"));
    CHECK_THAT(text, Catch::Contains("images[2]: there is no picture "));
    CHECK_THAT(text, Catch::Contains("images[3]: '../a.jpg' does not lie in the folder"));
  }
  CHECK_FALSE(fs::exists(set.path("made")));
  CHECK(set.convert(true).left_out.in_words() == "8 label rows, 4 pictures and 0 entries of lists");

  Set other;
  other.document.erase("images");
  CHECK_THROWS_WITH(other.convert(), Catch::Contains("coco.json: has no list 'images'"));
  other.document = 3;
  CHECK_THROWS_WITH(other.convert(), Catch::Contains("coco.json: is not COCO's JSON"));
}
