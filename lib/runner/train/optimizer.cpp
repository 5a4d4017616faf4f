#include "runner/train/optimizer.h"

#include <algorithm>
#include <cmath>

#include "runner/precision.h"

namespace lotse::runner::train {

using torch::Tensor;

namespace {

constexpr double muon_part = 0.2, class_branch_rate = 3;
constexpr double beta2 = 0.999, adam_eps = 1e-8;

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// "model.23." of "model.23.cv2.0.0.conv.weight".
std::string row_of(const std::string& name) {
  const auto end = name.find('.', name.find('.') + 1);
  return end == std::string::npos ? name : name.substr(0, end + 1);
}

bool in_class_branch(const std::string& name, const std::string& head) {
  return name.rfind(head + "cv3.", 0) == 0 || name.rfind(head + "one2one_cv3.", 0) == 0;
}

}  // namespace

Tensor orthogonalize(const Tensor& update) {
  const bool half = update.is_cuda() || multiplies_bf16();
  auto x = (update.flatten(1) / (update.norm() + 1e-7)).to(half ? torch::kBFloat16 : torch::kFloat);
  const bool tall = x.size(0) > x.size(1);
  if (tall) x = x.t();
  for (int i = 0; i < 5; ++i) {
    const auto a = x.mm(x.t());
    x = 3.4445 * x + (-4.7750 * a + 2.0315 * a.mm(a)).mm(x);
  }
  if (tall) x = x.t();
  const double ratio = static_cast<double>(update.size(-2)) / static_cast<double>(update.size(-1));
  return x.reshape(update.sizes()).to(update.dtype()) * std::sqrt(std::max(1.0, ratio));
}

Optimizer::Optimizer(const torch::nn::Module& module, const Settings& settings)
    : settings_(settings) {
  const auto named = module.named_parameters();
  const auto head = named.is_empty() ? std::string() : row_of(named.pairs().back().first);
  for (const auto& item : named) {
    const auto& parameter = item.value();
    if (!parameter.requires_grad()) continue;
    Slot slot{item.key(), parameter, false, false, false, 1, {}};
    slot.bias = holds(item.key(), "bias");
    slot.matrix = parameter.dim() == 2 || parameter.dim() == 4;
    slot.decayed = slot.matrix;
    if (settings.rule == Rule::musgd && in_class_branch(item.key(), head))
      slot.rate = class_branch_rate;
    const bool two = settings.rule == Rule::adamw || (settings.rule == Rule::musgd && slot.matrix);
    for (int i = 0; i < (two ? 2 : 1); ++i) slot.memory.push_back(torch::zeros_like(parameter));
    slots_.push_back(std::move(slot));
    tensors_.push_back(parameter);
  }
}

void Optimizer::step(const Rates& rates) {
  const torch::NoGradGuard no_gradients;
  ++steps_;
  for (auto& slot : slots_) {
    const auto& gradient = slot.parameter.grad();
    if (!gradient.defined()) continue;
    const double rate = slot.rate * (slot.bias ? rates.biases : rates.weights);
    if (settings_.rule == Rule::adamw) {
      step_adamw(slot, gradient, rate, rates.momentum);
    } else {
      if (settings_.rule == Rule::musgd && slot.matrix)
        step_muon(slot, gradient, rate, rates.momentum);
      step_sgd(slot, gradient, rate, rates.momentum);
    }
  }
}

void Optimizer::step_sgd(Slot& slot, const Tensor& gradient, double rate, double momentum) {
  const auto g = slot.decayed ? gradient + settings_.weight_decay * slot.parameter : gradient;
  auto& velocity = slot.memory[0];
  velocity.mul_(momentum).add_(g);
  slot.parameter.sub_(g.add(velocity, momentum), rate);
}

void Optimizer::step_muon(Slot& slot, const Tensor& gradient, double rate, double momentum) {
  auto& mean = slot.memory[1];
  mean.mul_(momentum).add_(gradient, 1 - momentum);
  const auto update = mean.mul(momentum).add_(gradient, 1 - momentum);
  slot.parameter.sub_(orthogonalize(update), rate * muon_part);
}

void Optimizer::step_adamw(Slot& slot, const Tensor& gradient, double rate, double beta1) {
  if (slot.decayed) slot.parameter.mul_(1 - rate * settings_.weight_decay);
  auto &mean = slot.memory[0], &square = slot.memory[1];
  mean.mul_(beta1).add_(gradient, 1 - beta1);
  square.mul_(beta2).addcmul_(gradient, gradient, 1 - beta2);
  const double t = static_cast<double>(steps_);
  const auto divisor = square.sqrt().div_(std::sqrt(1 - std::pow(beta2, t))).add_(adam_eps);
  slot.parameter.addcdiv_(mean, divisor, -rate / (1 - std::pow(beta1, t)));
}

void Optimizer::zero_gradients() {
  for (auto& slot : slots_) slot.parameter.mutable_grad() = Tensor();
}

double Optimizer::clip_gradients(double most) {
  const torch::NoGradGuard no_gradients;
  std::vector<Tensor> norms;
  for (const auto& slot : slots_)
    if (slot.parameter.grad().defined()) norms.push_back(slot.parameter.grad().norm());
  if (norms.empty()) return 0;
  const double norm = torch::stack(norms).norm().item<double>();
  if (norm > most)
    for (auto& slot : slots_)
      if (slot.parameter.grad().defined()) slot.parameter.mutable_grad().mul_(most / (norm + 1e-6));
  return norm;
}

std::vector<std::pair<std::string, Tensor>> Optimizer::state() const {
  std::vector<std::pair<std::string, Tensor>> result;
  for (const auto& slot : slots_)
    for (size_t i = 0; i < slot.memory.size(); ++i)
      result.emplace_back(slot.name + "/" + std::to_string(i), slot.memory[i]);
  return result;
}

}  // namespace lotse::runner::train
