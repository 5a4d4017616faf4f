#include "runner/detect/postprocess.h"

#include <catch2/catch.hpp>
#include <limits>

#include "runner/detect/report.h"
#include "runner/task/pictures.h"

using namespace lotse;
using namespace lotse::runner::detect;

namespace {
using Corners = std::array<float, 4>;
}

TEST_CASE("overlap of boxes, by hand") {
  CHECK(iou({0, 0, 2, 2}, {1, 0, 3, 2}) == Approx(1.0 / 3));
  CHECK(iou({0, 0, 2, 2}, {0, 0, 2, 2}) == Approx(1));
  CHECK(iou({0, 0, 1, 1}, {1, 0, 2, 1}) == 0);
  CHECK(iou({3, 3, 1, 1}, {0, 0, 4, 4}) == 0);
  CHECK(iou({NAN, 0, 1, 1}, {0, 0, 1, 1}) == 0);
}

TEST_CASE("suppression keeps the strongest of each class") {
  const auto boxes = torch::tensor({{0.F, 0.F, 10.F, 10.F},
                                    {1.F, 0.F, 11.F, 10.F},    // overlaps the first by 9/11
                                    {0.F, 0.F, 10.F, 10.F},    // the same place, another class
                                    {50.F, 50.F, 60.F, 60.F},  // alone
                                    {0.F, 0.F, 10.F, 3.F}});   // 0.3 of the first
  const auto scores =
      torch::tensor({{0.8F, 0.F}, {0.9F, 0.1F}, {0.1F, 0.7F}, {0.3F, 0.2F}, {0.6F, 0.F}});
  Selection selection;
  selection.confidence = 0.25;
  const auto kept = nms(boxes, scores, selection);
  REQUIRE(kept.size() == 4);
  CHECK(kept[0].confidence == Approx(0.9));
  CHECK(kept[0].box == Corners{1, 0, 11, 10});
  CHECK(kept[1].class_id == 1);
  CHECK(kept[2].confidence == Approx(0.6));
  CHECK(kept[3].confidence == Approx(0.3));

  selection.iou = 0.2;
  CHECK(nms(boxes, scores, selection).size() == 3);
  selection.iou = 0.9;
  CHECK(nms(boxes, scores, selection).size() == 5);
  selection.max_detections = 2;
  CHECK(nms(boxes, scores, selection).size() == 2);
  selection.classes = {1};
  CHECK(nms(boxes, scores, selection).size() == 1);
  selection.confidence = 0.7F;  // strictly above
  CHECK(nms(boxes, scores, selection).empty());
}

TEST_CASE("for mAP a box counts for each class") {
  const auto boxes = torch::tensor({{0.F, 0.F, 10.F, 10.F}});
  const auto scores = torch::tensor({{0.6F, 0.5F, 0.1F}});
  Selection selection;
  CHECK(nms(boxes, scores, selection).size() == 1);
  selection.multi_label = true;
  const auto both = nms(boxes, scores, selection);
  REQUIRE(both.size() == 2);
  CHECK(both[1].class_id == 1);
}

TEST_CASE("no candidates are no detections") {
  CHECK(nms(torch::zeros({0, 4}), torch::zeros({0, 3}), {}).empty());
  CHECK(nms(torch::zeros({9, 4}), torch::zeros({9, 3}), {}).empty());
}

TEST_CASE("top-k takes the best anchors, then the best of all their classes") {
  // Anchor 2 is best, anchor 0 next; anchor 1 loses though its score beats anchor 2's second class.
  const auto scores = torch::tensor({{{0.5F, 0.45F}, {0.4F, 0.1F}, {0.3F, 0.9F}}});
  const auto logits = torch::logit(scores);
  const auto boxes = torch::arange(12, torch::kFloat).view({1, 3, 4});
  const auto rows = top_k(boxes, logits, 2);
  REQUIRE(rows.sizes() == torch::IntArrayRef({1, 2, 6}));
  CHECK(torch::allclose(rows[0][0], torch::tensor({8.F, 9.F, 10.F, 11.F, 0.9F, 1.F})));
  CHECK(torch::allclose(rows[0][1], torch::tensor({0.F, 1.F, 2.F, 3.F, 0.5F, 0.F})));
  CHECK(top_k(boxes, logits, 300).size(1) == 3);
}

TEST_CASE("rows of the one-to-one head are selected") {
  const auto rows = torch::tensor({{0.F, 0.F, 1.F, 1.F, 0.9F, 3.F},
                                   {0.F, 0.F, 1.F, 1.F, 0.8F, 5.F},
                                   {0.F, 0.F, 1.F, 1.F, 0.25F, 3.F}});
  CHECK(select(rows, {}).size() == 2);
  Selection selection;
  selection.classes = {5};
  REQUIRE(select(rows, selection).size() == 1);
  CHECK(select(rows, selection)[0].class_id == 5);
  selection = {};
  selection.max_detections = 1;
  CHECK(select(rows, selection).size() == 1);
}

TEST_CASE("what a picture holds is told in one line") {
  const Detection cat = {{0, 0, 1, 1}, 1, 0.5F};
  const Detection dog = {{0, 0, 1, 1}, 0, 0.987654F};
  const Names names = {"dog", "cat"};
  CHECK(describe({cat, dog, cat}, names) == "Detected 3 objects in the frame. (2 cat, 1 dog)");
  CHECK(describe({}, names) == "Detected 0 objects in the frame.");
  const auto json = to_json({dog}, names)[0];
  CHECK(json["name"] == "dog");
  CHECK(json["confidence"] == 0.9877);
  CHECK(json["box"].size() == 4);
}

TEST_CASE("names cannot break a line or move a cursor") {
  const auto text = describe({{{0, 0, 1, 1}, 0, 0.5F}}, {"c\x1b[2Jd"});
  const auto line =
      runner::task::line_for("a\nb.png", runner::media::blank(4, 4, 0), {{}, text, {}});
  CHECK(line == "a\\nb.png 4x4: Detected 1 objects in the frame. (1 c\\x1b[2Jd)");
}
