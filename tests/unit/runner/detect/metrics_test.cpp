#include "runner/detect/metrics.h"

#include <catch2/catch.hpp>

using namespace lotse::runner;
using detect::TruthBox;

namespace {

torch::Tensor rows(const std::vector<std::pair<double, bool>>& detections) {
  auto table = torch::zeros({static_cast<int64_t>(detections.size()), 12}, torch::kFloat64);
  for (size_t i = 0; i < detections.size(); ++i) {
    const auto row = static_cast<int64_t>(i);
    table[row][0] = detections[i].first;
    for (int64_t t = 0; t < 10; ++t) table[row][2 + t] = detections[i].second ? 1.0 : 0.0;
  }
  return table;
}

}  // namespace

TEST_CASE("mAP: perfect detections have nearly 1, none have 0") {
  // By trapezoids over 101 points the last stretch, from recall 0.99 to 1, is a slope to 0 only if
  // recall 1 is not reached before the closing point; numpy.interp takes the last of equal recalls.
  const auto perfect = detect::average_precision(rows({{0.9, true}, {0.8, true}}), {2});
  CHECK(perfect.map50 == Approx(0.995).epsilon(1e-9));
  const auto nothing = detect::average_precision(rows({}), {2});
  CHECK(nothing.map50 == 0);
}

TEST_CASE("mAP: the envelope by hand") {
  // Right, wrong, right of 2 objects: recall 0.5, 0.5, 1 with precision 1, 1/2, 2/3. The envelope
  // is 1 up to recall 0.5 and 2/3 from there to 1.
  const auto result =
      detect::average_precision(rows({{0.9, true}, {0.8, false}, {0.7, true}}), {2});
  // interp: 1 for x < 0.5; at x = 0.5 the last point with that recall counts (2/3); 2/3 up to 0.99,
  // 0 at 1. Trapezoids of 0.01.
  const double expected = (49 * 1.0 + (1 + 2. / 3) / 2 + 49 * 2. / 3 + (2. / 3) / 2) / 100;
  CHECK(result.map50 == Approx(expected).epsilon(1e-9));
  CHECK(result.map50_95 == Approx(expected).epsilon(1e-9));
}

TEST_CASE("mAP: what is never found counts as nothing") {
  // One right detection of two objects: 1 up to recall 0.5, where the last point counts (0).
  const auto half = detect::average_precision(rows({{0.9, true}}), {2});
  CHECK(half.map50 == Approx((49 + 0.5) / 100).epsilon(1e-9));
}

TEST_CASE("mAP: as COCO takes the area, by hand") {
  // Right, wrong, right of 2: the precision at the next point of the envelope, 1 at the recalls 0
  // to 0.5 and 2/3 at those above.
  const auto result = detect::average_precision(rows({{0.9, true}, {0.8, false}, {0.7, true}}), {2},
                                                detect::Counting::coco);
  CHECK(result.map50 == Approx((51 * 1.0 + 50 * 2. / 3) / 101).epsilon(1e-12));
  // What is never reached counts as 0.
  CHECK(detect::average_precision(rows({{0.9, true}}), {2}, detect::Counting::coco).map50_95 ==
        Approx(51. / 101));
}

TEST_CASE("mAP: classes without objects do not count") {
  auto table = rows({{0.9, true}, {0.8, false}});
  table[1][1] = 1;
  const auto result = detect::average_precision(table, {1, 0, 1});
  CHECK(result.class_ap50[0] == Approx(0.995));
  CHECK(result.class_ap50[1] == -1);
  CHECK(result.class_ap50[2] == 0);
  CHECK(result.map50 == Approx(0.995 / 2));
}

TEST_CASE("matching: strongest first, one object once, of the right class, at each threshold") {
  const std::vector<TruthBox> truth = {{{0, 0, 10, 10}, 0}, {{20, 0, 30, 10}, 1}};
  const std::vector<detect::Detection> detections = {
      {{0, 0, 10, 8}, 0, 0.5F},    // IoU 0.8 with the first, but weaker than the next
      {{0, 0, 10, 9}, 0, 0.9F},    // IoU 0.9
      {{20, 0, 30, 10}, 0, 0.8F},  // the second's place, the wrong class
      {{20, 0, 30, 6}, 1, 0.3F},   // IoU 0.6
  };
  const auto table = detect::match(detections, truth);
  const auto right = [&](int64_t d) {
    int64_t count = 0;
    for (int64_t t = 0; t < 10; ++t) count += table[d][2 + t].item<double>() > 0 ? 1 : 0;
    return count;
  };
  CHECK(right(0) == 0);
  CHECK(right(1) >= 8);  // 0.50 to 0.85, and 0.90 as rounding wills
  CHECK(right(2) == 0);
  CHECK(right(3) >= 2);
  CHECK(right(3) <= 3);
  CHECK(table[3][2].item<double>() == 1);
  CHECK(table[3][5].item<double>() == 0);
  CHECK(table[1][1].item<double>() == 0);
}

TEST_CASE("matching: whose object is taken takes another one only where COCO counts") {
  const std::vector<TruthBox> truth = {{{0, 0, 10, 10}, 0}, {{0, 3, 10, 13}, 0}};
  // Both overlap the first most; the second one also overlaps the second object by more than a
  // half.
  const std::vector<detect::Detection> detections = {{{0, 0, 10, 10}, 0, 0.9F},
                                                     {{0, 1, 10, 11}, 0, 0.8F}};
  const auto right = [&](detect::Counting counting) {
    return detect::match(detections, truth, counting)[1][2].item<double>() == 1;
  };
  CHECK_FALSE(right(detect::Counting::field));
  CHECK(right(detect::Counting::coco));
}

TEST_CASE("mAP: what lies on a crowd is neither right nor wrong, as pycocotools counts") {
  // Two pictures of 100 x 100. The numbers are those of pycocotools 2.0.11 on the same boxes.
  const std::vector<TruthBox> truth = {
      {{10, 10, 30, 30}, 0}, {{60, 60, 80, 80}, 0}, {{60, 10, 80, 30}, 1}};
  const std::vector<TruthBox> crowds = {
      {{0, 50, 50, 100}, 0}, {{80, 80, 100, 100}, 1}, {{0, 0, 50, 50}, 2}};
  const std::vector<detect::Detection> found = {
      {{5, 60, 25, 80}, 0, 0.95F},     // in the crowd, whatever the threshold
      {{10, 10, 30, 30}, 0, 0.9F},     // right
      {{40, 60, 60, 80}, 0, 0.8F},     // half in the crowd
      {{60, 60, 80, 78.5F}, 0, 0.7F},  // right up to 0.90
      {{10, 10, 30, 30}, 0, 0.6F},     // wrong: its object is taken
      {{0, 52, 30, 82}, 0, 0.4F},      // a second one in the crowd
      {{5, 60, 25, 80}, 1, 0.9F},      // wrong: the crowd is of another class
      {{60, 10, 80, 26.5F}, 1, 0.5F},  // right up to 0.80
      {{5, 5, 15, 15}, 2, 0.9F},       // of a class that has nothing but a crowd
  };
  const std::vector<TruthBox> truth2 = {{{10, 10, 30, 30}, 0}};
  const std::vector<TruthBox> crowds2 = {{{0, 0, 100, 40}, 0}};
  const std::vector<detect::Detection> found2 = {
      {{10, 10, 30, 26.5F}, 0, 0.75F},  // right up to 0.80, then on the crowd
      {{60, 10, 80, 30}, 0, 0.85F},
      {{10, 12, 30, 32}, 0, 0.5F},
  };
  const auto with = [&](detect::Counting counting, bool crowded) {
    using Crowds = std::vector<TruthBox>;
    const auto rows =
        torch::cat({detect::match(found, truth, counting, crowded ? crowds : Crowds()),
                    detect::match(found2, truth2, counting, crowded ? crowds2 : Crowds())});
    return detect::average_precision(rows, {3, 1, 0}, counting);
  };
  const auto result = with(detect::Counting::coco, true);
  CHECK(result.map50_95 == Approx(0.5475247524752476).epsilon(1e-9));
  CHECK(result.map50 == Approx(0.75).epsilon(1e-9));
  CHECK(result.map75 == Approx(0.6670792079207921).epsilon(1e-9));
  CHECK(result.class_ap50[0] == Approx(1).epsilon(1e-9));
  CHECK(result.class_ap50[2] == -1);
  const auto without = with(detect::Counting::coco, false);
  CHECK(without.map50_95 == Approx(0.38613861386138615).epsilon(1e-9));
}
