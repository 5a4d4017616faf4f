#include "runner/train/step.h"

#include <cmath>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/strings.h"
#include "runner/device.h"
#include "runner/train/autocast.h"
#include "runner/train/loss.h"

namespace lotse::runner::train {

namespace {

using torch::Tensor;

constexpr double most_gradient = 10;

Tensor empty_losses() {
  return torch::zeros({4}, torch::kFloat64);
}

Tensor on_cpu(const Tensor& numbers) {
  return numbers.detach().cpu().to(torch::kFloat64);
}

}  // namespace

Stepper::Stepper(const Settings& settings, model::Detector& model, Optimizer& optimizer,
                 Average& average, dist::Group& group)
    : settings_(settings),
      model_(model),
      optimizer_(optimizer),
      average_(average),
      group_(group),
      losses_(empty_losses()) {}

bool Stepper::add(const data::Batch& batch, double one_to_many) {
  const auto images = unit_floats(batch.images, settings_.device);
  model::Outputs outputs;
  {
    const Autocast autocast(settings_.bf16, settings_.device.type());
    outputs = model_.forward(images, model::Heads::both);
  }
  auto objects = pad_objects(batch.targets, images.size(0));
  objects = {objects.boxes.to(settings_.device), objects.classes.to(settings_.device),
             objects.valid.to(settings_.device)};
  const auto head = [&](const model::HeadOutputs& from, const Assignment& assignment) {
    return head_loss(from, objects, model_.strides(), model_.reg_max(), settings_.imgsz,
                     settings_.imgsz, assignment);
  };
  std::vector<LossSums> heads = {head(*outputs.one_to_many, {10, 10})};
  std::vector<double> weights = {1};
  if (outputs.one_to_one) {
    heads.push_back(head(*outputs.one_to_one, {7, 1}));
    weights = {one_to_many, 1 - one_to_many};
  }
  // The normalisers of the whole batch, and whether anybody must stop.
  auto shared = torch::zeros({3}, torch::kFloat64);
  for (size_t h = 0; h < heads.size(); ++h) shared[static_cast<int64_t>(h)] = heads[h].weight.cpu();
  shared[2] = base::interrupted() ? 1 : 0;
  group_.all_reduce(shared);

  const LossGains gains;
  Tensor total;
  for (size_t h = 0; h < heads.size(); ++h) {
    const double n = std::max(shared[static_cast<int64_t>(h)].item<double>(), 1.0);
    const auto box = heads[h].box * (gains.box / n),
               classes = heads[h].classes * (gains.classes / n),
               distance = heads[h].distance * (gains.distance / n);
    const auto weighted = (box + classes + distance) * weights[h];
    total = total.defined() ? total + weighted : weighted;
    if (h + 1 == heads.size())
      losses_.slice(0, 1) += on_cpu(torch::stack({box, classes, distance}));
  }
  losses_[0] += on_cpu(total);
  (total * static_cast<double>(settings_.batch)).backward();
  ++pending_;
  return shared[2].item<double>() > 0;
}

StepLoss Stepper::step(const Optimizer::Rates& rates) {
  sum_gradients();
  auto losses = losses_ / static_cast<double>(pending_);
  losses_ = empty_losses();
  pending_ = 0;
  group_.all_reduce(losses);
  const auto* l = losses.data_ptr<double>();
  const StepLoss loss{l[0], l[1], l[2], l[3]};
  if (!std::isfinite(loss.total))
    throw base::Error(
        base::ErrorKind::failed,
        base::cat("the loss is no longer a number after ", optimizer_.steps(), " steps"),
        "A smaller --lr0 or --precision fp32 may help.");
  optimizer_.clip_gradients(most_gradient);
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
                                   .to(settings_.device)
                                   .contiguous(parameter.suggest_memory_format());
    at += n;
  }
}

}  // namespace lotse::runner::train
