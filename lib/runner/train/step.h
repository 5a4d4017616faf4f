#pragma once
#include <string>
#include <vector>

#include "runner/dist/group.h"
#include "runner/task/learner.h"
#include "runner/train/average.h"
#include "runner/train/optimizer.h"

namespace lotse::runner::train {

/// All that is minimised, and the losses of the head that is used afterwards.
struct StepLoss {
  double total = 0;
  std::vector<double> parts;  ///< as Learner::loss_names()
};

/// Optimizer steps of all ranks together, each over the gradients of one batch or several. Every
/// rank makes the same calls in the same order.
class Stepper {
 public:
  /// `batch`: examples of all ranks; `most_gradient`: the largest joint norm of a step's gradients,
  /// 0 for any. Keeps references to the others, which must outlive it.
  Stepper(int64_t batch, double most_gradient, task::Learner& learner, Optimizer& optimizer,
          Average& average, dist::Group& group);

  /// Adds the gradients of this rank's share of a batch. True if any rank was asked to stop.
  bool add(const task::Batch& batch, int64_t epoch);

  /// Batches since the last step.
  int64_t pending() const { return pending_; }

  /// Sums gradients and losses over the ranks, takes one step, and returns the losses a batch.
  /// Throws Error(failed) if they are not finite.
  StepLoss step(const Optimizer::Rates& rates);

 private:
  void sum_gradients();

  int64_t batch_;
  double most_gradient_;
  task::Learner& learner_;
  Optimizer& optimizer_;
  Average& average_;
  dist::Group& group_;
  torch::Tensor losses_;  // this rank's part of the total and of its parts, of all pending
  int64_t pending_ = 0;
};

}  // namespace lotse::runner::train
