#include "runner/train/average.h"

#include <cmath>

namespace lotse::runner::train {

Average::Average(NamedTensors average, NamedTensors values, double decay, double tau)
    : decay_(decay), tau_(tau) {
  const torch::NoGradGuard no_gradients;
  for (size_t i = 0; i < average.size(); ++i) {
    const auto &to = average[i].second, &from = values[i].second;
    to.copy_(from);
    const bool is_float = to.is_floating_point();
    (is_float ? average_ : copied_to_).push_back(to.detach());
    (is_float ? values_ : copied_from_).push_back(from.detach());
  }
}

void Average::update() {
  const torch::NoGradGuard no_gradients;
  ++updates_;
  const double decay = decay_ * (1 - std::exp(-static_cast<double>(updates_) / tau_));
  // By the difference, so that what never changes, as the bins of DFL, stays as it is to the bit.
  at::_foreach_lerp_(average_, values_, 1 - decay);
  for (size_t i = 0; i < copied_to_.size(); ++i) copied_to_[i].copy_(copied_from_[i]);
}

}  // namespace lotse::runner::train
