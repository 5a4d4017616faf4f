#pragma once
#include <torch/torch.h>

#include <string>
#include <utility>
#include <vector>

namespace lotse::runner::train {

using NamedTensors = std::vector<std::pair<std::string, torch::Tensor>>;

/// Exponential moving average of a model's weights and batch-norm statistics:
/// average += (1 - d) * (value - average) with d = decay * (1 - exp(-updates / tau)).
class Average {
 public:
  /// Both in the same order; `average` is written to. Tensors that are not floats are copied.
  Average(NamedTensors average, NamedTensors values, double decay, double tau);
  void update();
  int64_t updates() const { return updates_; }
  void set_updates(int64_t updates) { updates_ = updates; }

 private:
  std::vector<torch::Tensor> average_, values_, copied_to_, copied_from_;
  double decay_, tau_;
  int64_t updates_ = 0;
};

}  // namespace lotse::runner::train
