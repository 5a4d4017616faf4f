#include "runner/classify/metrics.h"

#include <catch2/catch.hpp>

using namespace lotse::runner::classify;

TEST_CASE("accuracy: of equal probabilities the first class counts as the likelier", "[accuracy]") {
  const auto probabilities = torch::tensor({0.4F, 0.4F, 0.2F, 0.0F, 0.0F, 0.0F}).view({1, 6});
  const auto rank = [&](int64_t truth) {
    return rank_of_truth(probabilities, torch::tensor({truth}, torch::kInt64)).item<int64_t>();
  };
  CHECK(rank(0) == 0);
  CHECK(rank(1) == 1);
  CHECK(rank(2) == 2);
  CHECK(rank(3) == 3);
  CHECK(rank(5) == 5);
}

TEST_CASE("accuracy: parts of all and of a class, top five, and their mean", "[accuracy]") {
  Counts counts(7);
  auto probabilities = torch::zeros({4, 7});
  probabilities[0][2] = 1;  // right
  for (int64_t c = 0; c < 5; ++c) probabilities[1][c] = 0.3 - 0.01 * static_cast<double>(c);
  for (int64_t c = 0; c < 6; ++c) probabilities[2][c] = 0.3 - 0.01 * static_cast<double>(c);
  probabilities[3][6] = 1;  // right
  counts.add(probabilities, torch::tensor({2, 4, 5, 6}, torch::kInt64));
  CHECK(counts.examples() == 4);
  CHECK(counts.accuracy().top1 == 0.5);
  CHECK(counts.accuracy().top5 == 0.75);
  CHECK(counts.accuracy().fitness() == 0.625);
  CHECK(counts.accuracy(4).top1 == 0);
  CHECK(counts.accuracy(4).top5 == 1);
  CHECK(counts.accuracy(0).top1 == -1);
  CHECK(counts.examples(0) == 0);
}

TEST_CASE("accuracy: with five classes or fewer everything is among the five", "[accuracy]") {
  Counts counts(2);
  counts.add(torch::tensor({{0.9F, 0.1F}}), torch::tensor({1}, torch::kInt64));
  CHECK(counts.accuracy().top1 == 0);
  CHECK(counts.accuracy().top5 == 1);
}
