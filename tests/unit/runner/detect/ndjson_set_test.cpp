#include "runner/detect/ndjson_set.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "base/error.h"
#include "base/files.h"

using namespace lotse;
using namespace lotse::runner::detect;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

class Lines {
 public:
  Lines() {
    for (const auto* name : {"a.jpg", "images/b.jpg", "images/val/c.jpg"}) {
      fs::create_directories((at / name).parent_path());
      std::ofstream(at / name) << "x";
    }
  }
  DataSet read(const std::string& more, bool skip_bad = false,
               Parts parts = Parts::train_and_val) const {
    std::ofstream(at / "set.ndjson") << head + "\n" + more;
    return read_data_set(at / "set.ndjson", skip_bad, parts);
  }

  base::TemporaryFolder folder;
  fs::path at = folder.path();
  std::string head =
      R"({"type": "dataset", "task": "detect", "name": "x", "class_names": {"1": "dog", "0": "cat"}})";
};

constexpr auto good =
    R"({"type": "image", "file": "a.jpg", "url": "https://x/a.jpg", "width": 9, "height": 9, "split": "train", "annotations": {"boxes": [[1, 0.5, 0.5, 0.2, 0.4]]}}
{"type": "image", "file": "b.jpg", "split": "test", "annotations": {"boxes": []}}

{"type": "image", "file": "c.jpg", "split": "valid", "annotations": {"segments": [[0, 0.1, 0.2, 0.5, 0.2, 0.3, 0.6]], "pose": [[0, 0.5, 0.5, 0.2, 0.2, 0.1, 0.1, 2]]}}
)";

}  // namespace

TEST_CASE("NDJSON: a picture a line, in its part, with boxes, outlines and poses") {
  const Lines lines;
  const auto set = lines.read(good);
  CHECK((set.names == std::vector<std::string>{"cat", "dog"}));
  REQUIRE(set.train.size() == 1);
  CHECK(set.train[0].boxes.at(0).class_id == 1);
  CHECK(set.train[0].boxes[0].y1 == Approx(0.3));
  REQUIRE(set.val.size() == 1);
  CHECK(set.val[0].image == lines.at / "images/val/c.jpg");
  REQUIRE(set.val[0].boxes.size() == 2);
  CHECK(set.val[0].boxes[0].y2 == Approx(0.6));
  CHECK(set.val[0].boxes[1].x1 == Approx(0.4));
  CHECK(set.test.empty());
  CHECK(lines.read(good, false, Parts::all).test.size() == 1);
  CHECK(read_data_set(lines.at).train.size() == 1);  // the folder's one file
}

TEST_CASE("NDJSON: rows that stand twice count once, which is told") {
  const auto set = Lines().read(
      good +
      std::string(
          R"({"type": "image", "file": "a.jpg", "annotations": {"boxes": [[0, 0.5, 0.5, 0.1, 0.1], [1, 0.5, 0.5, 0.1, 0.1], [0, 0.5, 0.5, 0.1, 0.1]]}}
)"));
  CHECK(set.train.back().boxes.size() == 2);
  REQUIRE(set.notes.size() == 1);
  CHECK_THAT(set.notes[0], Contains("which count once: 1; the first: ") &&
                               Contains("set.ndjson:6: annotations.boxes[2]"));
}

TEST_CASE("NDJSON: a picture's name as Windows writes it") {
  const auto set = Lines().read(good + std::string(R"({"type": "image", "file": "D:\\set\\a.jpg"}
)"));
  CHECK(set.train.back().image.filename() == "a.jpg");
  REQUIRE(set.notes.size() == 1);
  CHECK_THAT(set.notes[0], Contains("machine's: 1"));
}

TEST_CASE("NDJSON: every mistake has its line, or is left out") {
  const Lines lines;
  const std::string bad =
      good + std::string(R"({"type": "image", "file": "d.jpg", "url": "https://x"}
{"type": "image", "file": "a.jpg", "split": "dev"}
no JSON
{"type": "image", "file": "a.jpg", "annotations": {"boxes": [[7, 0.5, 0.5, 0.1, 0.1], [0, 2, 0, 1, 1], [0, "x", 0, 1, 1], 3, [0, 1.005, 0.5, 0.005, 0.5]], "segments": [[1, 0.5, 0.1, 0.5, 0.2, 0.5, 0.3]]}}
)");
  CHECK_THROWS_WITH(
      lines.read(bad),
      Contains("set.ndjson:6: there is no picture ") && Contains("its url is not followed") &&
          Contains(R"(set.ndjson:7: split: "dev" is none of)") &&
          Contains("set.ndjson:8: is no JSON object") &&
          Contains("set.ndjson:9: annotations.boxes[0]: class 7 is none of 0 to 1") &&
          Contains("boxes[1]: value 2 is outside 0 to 1") &&
          Contains(R"(boxes[2]: '"x"' is not a number)") && Contains("boxes[3]: is no list") &&
          Contains("boxes[4]: has no area in the picture") &&
          Contains("segments[0]: has no area in the picture"));
  const auto set = lines.read(bad, true);
  CHECK(set.train.size() == 2);
  CHECK(set.left_out.in_words() == "6 label rows, 3 pictures and 0 entries of lists");
}

TEST_CASE("NDJSON: a head that is none, and parts that are missing, are refused") {
  Lines lines;
  for (const auto* head :
       {"", "[]", R"({"type": "dataset"})", R"({"type": "dataset", "class_names": {"5": "x"}})",
        R"({"type": "dataset", "class_names": {"": "x"}})",
        R"({"type": "dataset", "class_names": {"-1": "x"}})",
        R"({"type": "dataset", "class_names": {"0x0": "x"}})",
        R"({"type": "dataset", "class_names": {"99999999999999999999": "x"}})",
        R"({"type": "dataset", "class_names": [3]})",
        R"({"type": "dataset", "task": "classify", "class_names": ["x"]})"}) {
    INFO(head);
    lines.head = head;
    CHECK_THROWS_AS(lines.read(good), base::Error);
  }
  CHECK_THROWS_WITH(Lines().read(R"({"type": "image", "file": "a.jpg", "split": "train"})"),
                    Contains(R"(has no picture with the split "val")"));
}
