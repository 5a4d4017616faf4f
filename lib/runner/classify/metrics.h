#pragma once
#include <torch/torch.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace lotse::runner::classify {

/// How many classes are at least as likely as the true one, of each example: those that are
/// likelier, and those that are as likely and come before it. 0: it is right. probabilities N x
/// classes, truth N -> N.
torch::Tensor rank_of_truth(const torch::Tensor& probabilities, const torch::Tensor& truth);

/// The parts of all examples whose class is the likeliest one (top1) or among the five likeliest
/// (top5), and the mean of both, by which models are compared.
struct Accuracy {
  double top1 = 0, top5 = 0;
  double fitness() const { return (top1 + top5) / 2; }
};

/// Counts that can be added up over ranks: examples, right ones, right among five; for each class.
class Counts {
 public:
  explicit Counts(int64_t classes);
  void add(const torch::Tensor& probabilities, const torch::Tensor& truth);

  torch::Tensor& numbers() { return numbers_; }  ///< classes x 3, int64
  Accuracy accuracy() const;                     ///< over all examples
  Accuracy accuracy(int64_t class_id) const;     ///< over those of a class; -1 where there are none
  int64_t examples() const;
  int64_t examples(int64_t class_id) const;

 private:
  torch::Tensor numbers_;
};

}  // namespace lotse::runner::classify
