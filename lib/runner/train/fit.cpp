#include "runner/train/fit.h"

#include <c10/core/CachingDeviceAllocator.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "base/error.h"
#include "base/strings.h"
#include "runner/nn/tensors.h"

namespace lotse::runner::train {

namespace {

using torch::Tensor;

/// The losses of a batch and their gradients, which are dropped.
void learn_once(task::Learner& learner, int64_t examples) {
  std::vector<int64_t> indices(static_cast<size_t>(examples));
  std::iota(indices.begin(), indices.end(), int64_t{0});
  for (auto& index : indices) index %= learner.examples();
  Tensor total;
  for (const auto& head : learner.losses(learner.training_batch(indices, 0, 0), 0))
    for (const auto& term : head.terms) total = total.defined() ? total + term.sum : term.sum;
  total.backward();
  for (auto& parameter : learner.model().parameters()) parameter.mutable_grad() = Tensor();
}

double peak_bytes(task::Learner& learner, int64_t examples, const torch::Device& device) {
  auto* memory = c10::getDeviceAllocator(device.type());
  memory->emptyCache();
  memory->resetPeakStats(device.index());
  learn_once(learner, examples);
  constexpr auto all = static_cast<size_t>(c10::CachingAllocator::StatType::AGGREGATE);
  return static_cast<double>(memory->getDeviceStats(device.index()).allocated_bytes[all].peak);
}

}  // namespace

int64_t largest_batch(const Measured& measured, double bytes, int64_t most) {
  const double example = std::max(1.0, (measured.bytes_many - measured.bytes_few) /
                                           static_cast<double>(measured.many - measured.few));
  const double rest = measured.bytes_few - example * static_cast<double>(measured.few);
  const auto fits =
      static_cast<int64_t>(std::clamp((bytes - rest) / example, 0.0, static_cast<double>(most)));
  if (fits < 1)
    throw base::Error(base::ErrorKind::failed, "the GPU has not enough memory for a single example",
                      "Take a smaller --imgsz or model.");
  return fits < 8 ? fits : fits / 8 * 8;
}

int64_t fitting_batch(task::Learner& learner, const torch::Device& device) {
  constexpr double part = 0.6;
  constexpr int64_t most = 1024, few = 2, many = 8;
  std::vector<Tensor> before;
  const auto state = nn::state(learner.model());
  for (const auto& [name, tensor] : state) before.push_back(tensor.detach().clone());
  learner.begin_learning();
  learn_once(learner, 1);  // what is made once, as workspaces
  const Measured measured = {few, many, peak_bytes(learner, few, device),
                             peak_bytes(learner, many, device)};
  const torch::NoGradGuard no_gradients;
  for (size_t i = 0; i < state.size(); ++i) state[i].second.detach().copy_(before[i]);
  const auto [free, total] = c10::getDeviceAllocator(device.type())->getMemoryInfo(device.index());
  return largest_batch(measured,
                       std::min(part * static_cast<double>(total), static_cast<double>(free)),
                       std::min(most, std::max<int64_t>(8, learner.examples())));
}

}  // namespace lotse::runner::train
