#include "runner/train/step.h"

#include <cmath>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/strings.h"

namespace lotse::runner::train {

namespace {

using torch::Tensor;

Tensor empty_losses(const task::Learner& learner) {
  return torch::zeros({1 + static_cast<int64_t>(learner.loss_names().size())}, torch::kFloat64);
}

Tensor on_cpu(const Tensor& numbers) {
  return numbers.detach().cpu().to(torch::kFloat64);
}

}  // namespace

Stepper::Stepper(int64_t batch, double most_gradient, task::Learner& learner, Optimizer& optimizer,
                 Average& average, dist::Group& group)
    : batch_(batch),
      most_gradient_(most_gradient),
      learner_(learner),
      optimizer_(optimizer),
      average_(average),
      group_(group),
      losses_(empty_losses(learner)) {}

bool Stepper::add(const task::Batch& batch, int64_t epoch) {
  const auto heads = learner_.losses(batch, epoch);
  // The normalisers of the whole batch, and whether anybody must stop.
  const auto count = static_cast<int64_t>(heads.size());
  auto shared = torch::zeros({count + 1}, torch::kFloat64);
  for (int64_t h = 0; h < count; ++h) shared[h] = heads[static_cast<size_t>(h)].weight.cpu();
  shared[count] = base::interrupted() ? 1 : 0;
  group_.all_reduce(shared);

  Tensor total;
  for (int64_t h = 0; h < count; ++h) {
    const auto& head = heads[static_cast<size_t>(h)];
    const double n = std::max(shared[h].item<double>(), 1.0);
    std::vector<Tensor> terms;
    Tensor sum;
    for (const auto& term : head.terms) {
      terms.push_back(term.sum * (term.gain / n));
      sum = sum.defined() ? sum + terms.back() : terms.back();
    }
    const auto weighted = sum * head.part;
    total = total.defined() ? total + weighted : weighted;
    if (h + 1 == count) losses_.slice(0, 1) += on_cpu(torch::stack(terms));
  }
  losses_[0] += on_cpu(total);
  (total * learner_.gradient_scale(batch_)).backward();
  ++pending_;
  return shared[count].item<double>() > 0;
}

StepLoss Stepper::step(const Optimizer::Rates& rates) {
  sum_gradients();
  auto losses = losses_ / static_cast<double>(pending_);
  losses_ = empty_losses(learner_);
  pending_ = 0;
  group_.all_reduce(losses);
  const auto* numbers = losses.data_ptr<double>();
  StepLoss loss{numbers[0], {numbers + 1, numbers + losses.numel()}};
  if (!std::isfinite(loss.total))
    throw base::Error(
        base::ErrorKind::failed,
        base::cat("the loss is no longer a number after ", optimizer_.steps(), " steps"),
        "A smaller --lr0 or --precision fp32 may help.");
  if (most_gradient_ > 0) optimizer_.clip_gradients(most_gradient_);
  optimizer_.step(rates);
  optimizer_.zero_gradients();
  average_.update();
  return loss;
}

void Stepper::sum_gradients() {
  if (group_.size() == 1) return;
  const torch::NoGradGuard no_gradients;
  std::vector<Tensor> flat;
  for (const auto& parameter : optimizer_.parameters()) {
    const auto& gradient = parameter.grad();
    flat.push_back(
        (gradient.defined() ? gradient : torch::zeros_like(parameter)).reshape({-1}).cpu());
  }
  auto all = torch::cat(flat);
  group_.all_reduce(all);
  int64_t at = 0;
  for (const auto& parameter : optimizer_.parameters()) {
    const auto n = parameter.numel();
    parameter.mutable_grad() = all.slice(0, at, at + n)
                                   .view(parameter.sizes())
                                   .to(parameter.device())
                                   .contiguous(parameter.suggest_memory_format());
    at += n;
  }
}

}  // namespace lotse::runner::train
