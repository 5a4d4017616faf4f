#pragma once
#include <memory>
#include <string>

#include "runner/data/loader.h"
#include "runner/dist/group.h"
#include "runner/model/detector.h"
#include "runner/train/average.h"
#include "runner/train/optimizer.h"

namespace lotse::runner::train {

/// The losses of the head that is used afterwards, and all that is minimised.
struct StepLoss {
  double total = 0, box = 0, classes = 0, distance = 0;
};

/// Optimizer steps of all ranks together, each over the gradients of one batch or several. Every
/// rank makes the same calls in the same order.
class Stepper {
 public:
  struct Settings {
    torch::Device device = torch::kCPU;
    int64_t imgsz = 640;  ///< px
    int64_t batch = 16;   ///< pictures of all ranks
    bool bf16 = false;    ///< the forward pass in bfloat16
  };

  /// Keeps references to its arguments, which must outlive it.
  Stepper(const Settings& settings, model::Detector& model, Optimizer& optimizer, Average& average,
          dist::Group& group);

  /// Adds the gradients of this rank's share of a batch. `one_to_many` is what that head weighs
  /// where there are two, in [0, 1]. True if any rank was asked to stop.
  bool add(const data::Batch& batch, double one_to_many);

  /// Batches since the last step.
  int64_t pending() const { return pending_; }

  /// Sums gradients and losses over the ranks, takes one step, and returns the losses a batch.
  /// Throws Error(failed) if they are not finite.
  StepLoss step(const Optimizer::Rates& rates);

 private:
  void sum_gradients();

  Settings settings_;
  model::Detector& model_;
  Optimizer& optimizer_;
  Average& average_;
  dist::Group& group_;
  torch::Tensor losses_;  // this rank's part of total, box, classes, distance, of all pending
  int64_t pending_ = 0;
};

}  // namespace lotse::runner::train
