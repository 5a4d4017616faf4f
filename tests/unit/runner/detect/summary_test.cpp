#include "runner/detect/summary.h"

#include <catch2/catch.hpp>

using namespace lotse;
using namespace lotse::runner;
using namespace lotse::runner::detect;
using Catch::Matchers::Contains;

TEST_CASE("the summary counts pictures, objects and missing label files") {
  const Box box{0, 0, 0, 1, 1};
  const Pictures training({{"a.png", {box, box}, true}, {"b.png", {}, true}, {"c.png", {}, false}},
                          32);
  const Pictures validation({{"d.png", {box}, true}}, 32);
  auto events = summary(training, validation, {"a note"}, {});
  REQUIRE(events.size() == 2);
  CHECK(events[0].type == "warning");
  CHECK(events[0].message == "a note");
  CHECK(
      events[1].message ==
      "train: 3 pictures, 2 objects, 1 without a label file, decoded when needed; val: 1 pictures, "
      "1 objects, decoded when needed");
  CHECK(events[1].fields["train"]["without_label_file"] == 1);
  using task::Finding;
  events = summary(training, validation, {},
                   {{{Finding::row, "x:1", "why"},
                     {Finding::row, "x:2", "why"},
                     {Finding::picture, "", "y.png: why"},
                     {Finding::entry, "list.txt:1", "why"}}});
  REQUIRE(events.size() == 2);
  CHECK(events[1].message ==
        "--skip-bad left out 2 label rows, 1 pictures and 1 entries of lists; the first: x:1: why");
}

TEST_CASE("a part without objects is warned about, with the place where labels are looked for") {
  const Pictures nothing({{"set/images/train/a.png", {}, false}}, 32);
  const auto events = summary(nothing, nothing, {}, {});
  REQUIRE(events.size() == 3);
  CHECK(events[1].type == "warning");
  CHECK_THAT(events[1].message,
             Contains("training pictures have no objects") && Contains("set/labels/train/a.txt"));
  CHECK_THAT(events[2].message, Contains("validation pictures have no objects"));
}
