#include "runner/classify/metrics.h"

namespace lotse::runner::classify {

namespace {

Accuracy parts(const torch::Tensor& counts) {
  const auto* n = counts.data_ptr<int64_t>();
  if (n[0] == 0) return {-1, -1};
  const auto all = static_cast<double>(n[0]);
  return {static_cast<double>(n[1]) / all, static_cast<double>(n[2]) / all};
}

}  // namespace

torch::Tensor rank_of_truth(const torch::Tensor& probabilities, const torch::Tensor& truth) {
  const auto column = truth.unsqueeze(1);
  const auto own = probabilities.gather(1, column);
  const auto number = torch::arange(probabilities.size(1), truth.options()).unsqueeze(0);
  const auto before = (probabilities == own).logical_and(number < column);
  return (probabilities > own).logical_or(before).sum(1);
}

Counts::Counts(int64_t classes) : numbers_(torch::zeros({classes, 3}, torch::kInt64)) {}

void Counts::add(const torch::Tensor& probabilities, const torch::Tensor& truth) {
  constexpr int64_t several = 5;
  const auto rank = rank_of_truth(probabilities, truth);
  const auto one = torch::ones_like(rank);
  const auto rows =
      torch::stack({one, (rank < 1).to(torch::kInt64), (rank < several).to(torch::kInt64)}, 1);
  numbers_.index_add_(0, truth, rows);
}

Accuracy Counts::accuracy() const {
  return parts(numbers_.sum(0));
}

Accuracy Counts::accuracy(int64_t class_id) const {
  return parts(numbers_[class_id].contiguous());
}

int64_t Counts::examples() const {
  return numbers_.select(1, 0).sum().item<int64_t>();
}

int64_t Counts::examples(int64_t class_id) const {
  return numbers_[class_id][0].item<int64_t>();
}

}  // namespace lotse::runner::classify
