#include "runner/detect/assigner.h"

#include <catch2/catch.hpp>

#include "runner/detect/loss.h"

using namespace lotse::runner;
using detect::Assignment;

namespace {

/// Four anchors in a row, 8 px apart, and one class unless said otherwise.
const auto centres =
    torch::tensor({{4.0, 4.0}, {12.0, 4.0}, {20.0, 4.0}, {28.0, 4.0}}).to(torch::kFloat32);

torch::Tensor boxes(std::vector<std::vector<float>> rows) {
  auto result = torch::zeros({1, static_cast<int64_t>(rows.size()), 4});
  for (size_t i = 0; i < rows.size(); ++i)
    result[0][static_cast<int64_t>(i)] = torch::tensor(rows[i]);
  return result;
}

detect::Objects objects(std::vector<std::vector<double>> rows) {
  auto table = torch::zeros({static_cast<int64_t>(rows.size()), 6}, torch::kFloat64);
  for (size_t i = 0; i < rows.size(); ++i)
    table[static_cast<int64_t>(i)] = torch::tensor(rows[i], torch::kFloat64);
  return detect::pad_objects(table, 1);
}

std::vector<bool> positives(const detect::Assigned& assigned) {
  std::vector<bool> result;
  for (int64_t i = 0; i < assigned.positive.size(1); ++i)
    result.push_back(assigned.positive[0][i].item<bool>());
  return result;
}

}  // namespace

TEST_CASE("complete IoU: equal boxes have 1, apart ones are below 0") {
  const auto a = torch::tensor({0.F, 0.F, 10.F, 10.F});
  CHECK(detect::complete_iou(a, a).item<float>() == Approx(1).margin(1e-5));
  // Same shape, 20 px to the right: IoU 0, centres 20 apart, enclosing box 30 x 10.
  const auto b = torch::tensor({20.F, 0.F, 30.F, 10.F});
  CHECK(detect::complete_iou(a, b).item<float>() == Approx(-400.0 / 1000.0).epsilon(1e-4));
  // Half as high, same corner: IoU 1/2, centres 2.5 apart, diagonal 200, v from atan(2), atan(1).
  const auto c = torch::tensor({0.F, 0.F, 10.F, 5.F});
  const double v = 4 / (M_PI * M_PI) * std::pow(std::atan(2) - std::atan(1), 2);
  const double expected = 0.5 - (6.25 / 200 + v * v / (v - 0.5 + 1));
  CHECK(detect::complete_iou(a, c).item<float>() == Approx(expected).epsilon(1e-4));
}

TEST_CASE("assigner: anchors inside, the best first, targets scaled to the best overlap") {
  // The object covers anchors 0 to 2; anchor 1 predicts it exactly, 0 by half, 2 not at all.
  const auto predicted = boxes({{0, 0, 12, 8}, {0, 0, 24, 8}, {90, 0, 99, 8}, {0, 0, 24, 8}});
  const auto scores = torch::full({1, 4, 1}, 0.25F);
  const auto all =
      detect::assign(scores, predicted, centres, objects({{0, 0, 0, 0, 24, 8}}), {10, 10});
  // Anchor 2 is inside, but its metric is 0: it would weigh nothing; 3 is outside.
  CHECK(positives(all) == std::vector<bool>{true, true, false, false});
  CHECK(all.scores[0][1][0].item<float>() == Approx(1).epsilon(1e-4));
  const float half =
      detect::complete_iou(predicted[0][0], torch::tensor({0.F, 0.F, 24.F, 8.F})).item<float>();
  CHECK(all.scores[0][0][0].item<float>() == Approx(std::pow(half, 6)).epsilon(1e-3));
  CHECK(all.scores[0][3][0].item<float>() == 0);

  const auto one =
      detect::assign(scores, predicted, centres, objects({{0, 0, 0, 0, 24, 8}}), {7, 1});
  CHECK(positives(one) == std::vector<bool>{false, true, false, false});
}

TEST_CASE("assigner: an anchor wanted by two objects goes to the one it overlaps more") {
  const auto predicted = boxes({{0, 0, 8, 8}, {6, 0, 30, 8}, {9, 0, 31, 8}, {8, 0, 32, 8}});
  const auto scores = torch::full({1, 4, 2}, 0.5F);
  const auto two = objects({{0, 0, 0, 0, 16, 8}, {0, 1, 8, 0, 32, 8}});
  const auto assigned = detect::assign(scores, predicted, centres, two, {10, 10});
  CHECK(assigned.object[0][0].item<int64_t>() == 0);
  CHECK(assigned.object[0][1].item<int64_t>() == 1);
  CHECK(assigned.scores[0][1][0].item<float>() == 0);
  CHECK(assigned.scores[0][1][1].item<float>() > 0);
  CHECK(assigned.boxes[0][3][0].item<float>() == 8);
}

TEST_CASE("assigner: the better score wins among equal boxes, and padding takes nothing") {
  const auto predicted = boxes({{0, 0, 32, 8}, {0, 0, 32, 8}, {0, 0, 32, 8}, {0, 0, 32, 8}});
  auto scores = torch::full({1, 4, 1}, 0.1F);
  scores[0][2][0] = 0.9F;
  const auto assigned =
      detect::assign(scores, predicted, centres, objects({{0, 0, 0, 0, 32, 8}}), {7, 1});
  CHECK(positives(assigned) == std::vector<bool>{false, false, true, false});
  const auto none = detect::assign(scores, predicted, centres, objects({}), {10, 10});
  CHECK(positives(none) == std::vector<bool>{false, false, false, false});
  CHECK(none.scores.sum().item<float>() == 0);
}

TEST_CASE("assigner: an object between the anchors' centres still gets anchors") {
  // 4 x 4 px around (8, 4): no centre inside; taken as 16 x 16 it holds anchors 0 and 1.
  const auto predicted = boxes({{6, 2, 10, 6}, {6, 2, 10, 6}, {6, 2, 10, 6}, {6, 2, 10, 6}});
  const auto scores = torch::full({1, 4, 1}, 0.5F);
  const auto small = objects({{0, 0, 6, 2, 10, 6}});
  CHECK(positives(detect::assign(scores, predicted, centres, small, {10, 10})) ==
        std::vector<bool>{true, true, false, false});
  CHECK(positives(detect::assign(scores, predicted, centres, small, {10, 10, 0.5, 6.0, 0.0})) ==
        std::vector<bool>{false, false, false, false});
}

namespace {

/// The assignment as its definition reads, one pair at a time: scores N x A x C.
struct Plainly {
  const torch::Tensor &scores, &boxes, &places;
  const detect::Objects& objects;
  Assignment settings;

  torch::Tensor scores_of(int64_t n) const {
    const auto count = objects.valid[n].sum().item<int64_t>(), anchors = places.size(0);
    std::vector<std::vector<double>> overlap, metric;
    for (int64_t m = 0; m < count; ++m) {
      overlap.emplace_back();
      metric.emplace_back();
      for (int64_t a = 0; a < anchors; ++a) {
        const auto box = objects.boxes[n][m];
        const bool inside =
            ((box.slice(0, 0, 2) < places[a]).all() & (places[a] < box.slice(0, 2, 4)).all())
                .item<bool>();
        const double iou = detect::complete_iou(box, boxes[n][a]).item<float>();
        overlap.back().push_back(inside ? std::max(iou, 0.0) : 0);
        const double score = scores[n][a][objects.classes[n][m]].item<float>();
        metric.back().push_back(std::pow(score, settings.alpha) *
                                std::pow(overlap.back().back(), settings.beta));
      }
    }
    std::vector<std::vector<bool>> chosen;
    for (const auto& of_object : metric) chosen.push_back(best(of_object, settings.top_k));
    for (int64_t a = 0; a < anchors; ++a) {
      int64_t choosers = 0, closest = 0;
      for (int64_t m = 0; m < count; ++m) {
        choosers += chosen[m][a];
        if (overlap[m][a] > overlap[closest][a]) closest = m;
      }
      for (int64_t m = 0; choosers > 1 && m < count; ++m) chosen[m][a] = m == closest;
    }
    auto result = torch::zeros_like(scores[n]);
    for (int64_t m = 0; m < count; ++m) {
      auto left = metric[m];
      for (int64_t a = 0; a < anchors; ++a) left[a] *= chosen[m][a];
      if (settings.keep < settings.top_k) chosen[m] = best(left, settings.keep);
      double best_metric = 0, best_overlap = 0;
      for (int64_t a = 0; a < anchors; ++a) {
        best_metric = std::max(best_metric, chosen[m][a] * metric[m][a]);
        best_overlap = std::max(best_overlap, chosen[m][a] * overlap[m][a]);
      }
      for (int64_t a = 0; a < anchors; ++a)
        if (chosen[m][a])
          result[a][objects.classes[n][m]] = metric[m][a] * best_overlap / (best_metric + 1e-9);
    }
    return result;
  }

  static std::vector<bool> best(const std::vector<double>& values, int64_t k) {
    std::vector<bool> taken(values.size());
    for (int64_t i = 0; i < k; ++i) {
      size_t top = values.size();
      for (size_t a = 0; a < values.size(); ++a)
        if (!taken[a] && values[a] > 0 && (top == values.size() || values[a] > values[top]))
          top = a;
      if (top < values.size()) taken[top] = true;
    }
    return taken;
  }
};

/// `side` x `side` places in the middle of cells of 8 px.
torch::Tensor grid(int64_t side) {
  const auto along = torch::arange(side).to(torch::kFloat32) * 8 + 4;
  const auto axes = torch::meshgrid({along, along}, "ij");
  return torch::stack({axes[1].flatten(), axes[0].flatten()}, 1);
}

/// T x 6 for pad_objects: `counts` objects a picture anywhere in `extent` px, of 16 to 40 px.
torch::Tensor crowd(const std::vector<int64_t>& counts, int64_t classes, double extent) {
  std::vector<torch::Tensor> rows;
  for (size_t n = 0; n < counts.size(); ++n) {
    const auto corner = torch::rand({counts[n], 2}) * (extent - 40),
               size = torch::rand({counts[n], 2}) * 24 + 16;
    const auto picture = torch::full({counts[n], 1}, static_cast<double>(n));
    const auto of_class = torch::randint(classes, {counts[n], 1});
    rows.push_back(torch::cat({picture, of_class, corner, corner + size}, 1));
  }
  return torch::cat(rows).to(torch::kFloat64);
}

/// Boxes N x A x 4 around the places, of 8 to 40 px.
torch::Tensor guesses(int64_t pictures, const torch::Tensor& places) {
  const auto half = torch::rand({pictures, places.size(0), 2}) * 16 + 4;
  return torch::cat({places - half, places + half}, -1);
}

}  // namespace

TEST_CASE("assigner: crowds get what the definition says, pair by pair") {
  torch::manual_seed(11);
  const auto places = grid(8);
  for (const auto& settings : {Assignment{10, 10}, Assignment{7, 1}, Assignment{3, 2}}) {
    const auto objects = detect::pad_objects(crowd({12, 0, 5}, 3, 64), 3);
    const auto predicted = guesses(3, places), scores = torch::rand({3, 64, 3});
    const auto assigned = detect::assign(scores, predicted, places, objects, settings);
    const Plainly plainly{scores, predicted, places, objects, settings};
    CHECK(assigned.positive.sum().item<int64_t>() > 10);
    for (int64_t n = 0; n < 3; ++n) {
      const auto expected = plainly.scores_of(n);
      CHECK(torch::allclose(assigned.scores[n], expected, 1e-5, 1e-6));
      CHECK(torch::equal(assigned.positive[n], expected.sum(1) > 0));
    }
  }
}

TEST_CASE("assigner: a batch of crowds too large to be looked at together is the same as each") {
  torch::manual_seed(12);
  const auto places = grid(80);
  const auto objects = detect::pad_objects(crowd({320, 400}, 2, 640), 2);
  const auto predicted = guesses(2, places), scores = torch::rand({2, places.size(0), 2});
  const auto both = detect::assign(scores, predicted, places, objects, {10, 10});
  for (int64_t n = 0; n < 2; ++n) {
    const auto part = [n](const torch::Tensor& of) { return of.slice(0, n, n + 1); };
    const auto alone =
        detect::assign(part(scores), part(predicted), places,
                       {part(objects.boxes), part(objects.classes), part(objects.valid)}, {10, 10});
    CHECK(torch::equal(part(both.scores), alone.scores));
    CHECK(torch::equal(part(both.boxes), alone.boxes));
    CHECK(torch::equal(part(both.positive), alone.positive));
  }
}

namespace {

/// Levels of a 32 x 32 picture: 4 x 4, 2 x 2 and 1 x 1 cells.
detect::HeadOutputs head(int64_t reg_max, int64_t classes, uint64_t seed) {
  torch::manual_seed(seed);
  detect::HeadOutputs outputs;
  for (const int64_t side : {4, 2, 1}) {
    outputs.boxes.push_back(torch::rand({2, 4 * reg_max, side, side}).add_(0.5).requires_grad_());
    outputs.scores.push_back(torch::randn({2, classes, side, side}).requires_grad_());
  }
  return outputs;
}

detect::LossSums loss_of(const detect::HeadOutputs& outputs, int64_t reg_max,
                         const torch::Tensor& rows) {
  return detect::head_loss(outputs, detect::pad_objects(rows, 2), {8, 16, 32}, reg_max, 32, 32,
                           {10, 10});
}

}  // namespace

TEST_CASE("loss: a step against the gradient makes it smaller, with bins and without") {
  const auto rows =
      torch::tensor({{0., 1., 2., 2., 22., 25.}, {1., 0., 5., 8., 30., 30.}}, torch::kFloat64);
  for (const int64_t reg_max : {1, 16}) {
    const auto outputs = head(reg_max, 3, 5);
    const auto total = [&] {
      const auto sums = loss_of(outputs, reg_max, rows);
      return sums.box + sums.classes + sums.distance;
    };
    const auto before = total();
    before.backward();
    {
      const torch::NoGradGuard no_gradients;
      for (const auto* levels : {&outputs.boxes, &outputs.scores}) {
        for (const auto& level : *levels) {
          REQUIRE(torch::isfinite(level.grad()).all().item<bool>());
          level.sub_(level.grad(), 1e-3);
        }
      }
    }
    CHECK(total().item<float>() < before.item<float>());
  }
}

TEST_CASE("loss: pictures without objects teach classes alone") {
  const auto sums = loss_of(head(1, 3, 6), 1, torch::zeros({0, 6}, torch::kFloat64));
  CHECK(sums.weight.item<float>() == 0);
  CHECK(sums.box.item<float>() == 0);
  CHECK(sums.distance.item<float>() == 0);
  CHECK(sums.classes.item<float>() > 0);
}

TEST_CASE("loss: the sums of two halves of a batch are the sums of the whole") {
  const auto rows =
      torch::tensor({{0., 1., 2., 2., 22., 25.}, {1., 0., 5., 8., 30., 30.}}, torch::kFloat64);
  const auto outputs = head(1, 3, 7);
  const auto whole = loss_of(outputs, 1, rows);
  double box = 0, weight = 0;
  for (int64_t i = 0; i < 2; ++i) {
    detect::HeadOutputs half;
    for (const auto& level : outputs.boxes) half.boxes.push_back(level.slice(0, i, i + 1));
    for (const auto& level : outputs.scores) half.scores.push_back(level.slice(0, i, i + 1));
    auto own = rows.slice(0, i, i + 1).clone();
    own.select(1, 0).zero_();
    const auto sums =
        detect::head_loss(half, detect::pad_objects(own, 1), {8, 16, 32}, 1, 32, 32, {10, 10});
    box += sums.box.item<double>();
    weight += sums.weight.item<double>();
  }
  CHECK(whole.box.item<double>() == Approx(box).epsilon(1e-5));
  CHECK(whole.weight.item<double>() == Approx(weight).epsilon(1e-5));
}

TEST_CASE("progressive loss: from 0.8 to 0.1") {
  CHECK(detect::one_to_many_weight(0, 11) == Approx(0.8));
  CHECK(detect::one_to_many_weight(5, 11) == Approx(0.45));
  CHECK(detect::one_to_many_weight(10, 11) == Approx(0.1));
  CHECK(detect::one_to_many_weight(0, 1) == Approx(0.8));
}
