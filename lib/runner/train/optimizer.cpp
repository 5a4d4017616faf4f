#include "runner/train/optimizer.h"

#include <algorithm>
#include <cmath>

#include "runner/precision.h"

namespace lotse::runner::train {

using torch::Tensor;

namespace {

constexpr double muon_part = 0.2;
constexpr double beta2 = 0.999, adam_eps = 1e-8;

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// A dense tensor's numbers as they lie in memory. A GPU takes a list of tensors in one go only
/// where their strides are equal, and those of a 1 x 1 kernel and its gradient are not always.
Tensor flat(const Tensor& tensor) {
  return tensor.as_strided({tensor.numel()}, {1});
}

/// Whether numbers at the same place in memory are at the same place in the tensors.
bool lie_alike(const Tensor& a, const Tensor& b) {
  for (int64_t i = 0; i < a.dim(); ++i)
    if (a.size(i) != 1 && a.stride(i) != b.stride(i)) return false;
  return true;
}

Tensor gradient_like(const Tensor& parameter) {
  const auto& gradient = parameter.grad();
  return lie_alike(parameter, gradient) ? gradient : torch::empty_like(parameter).copy_(gradient);
}

}  // namespace

Tensor orthogonalize(const Tensor& update) {
  const bool half = update.is_cuda() || multiplies_bf16();
  // Every result has as many digits as bfloat16, on whatever it is worked out.
  const auto rounded = [&](const Tensor& numbers) {
    const auto few = numbers.to(torch::kBFloat16);
    return half ? few : few.to(torch::kFloat);
  };
  auto x = rounded(update.flatten(1));
  x = rounded(x / rounded(rounded(x.norm()) + 1e-7));
  const bool tall = x.size(0) > x.size(1);
  if (tall) x = x.t();
  for (int i = 0; i < 5; ++i) {
    const auto a = rounded(x.mm(x.t()));
    x = rounded(torch::addmm(x, rounded(torch::addmm(a, a, a, -4.7750, 2.0315)), x, 3.4445));
  }
  if (tall) x = x.t();
  const double ratio = static_cast<double>(update.size(-2)) / static_cast<double>(update.size(-1));
  return x.reshape(update.sizes()).to(update.dtype()) * std::sqrt(std::max(1.0, ratio));
}

Optimizer::Optimizer(const torch::nn::Module& module, const Settings& settings)
    : settings_(settings) {
  for (const auto& item : module.named_parameters()) {
    const auto& parameter = item.value();
    if (!parameter.requires_grad()) continue;
    Slot slot{item.key(), parameter, false, false, 1, {}};
    slot.bias = holds(item.key(), "bias");
    slot.matrix = parameter.dim() == 2 || parameter.dim() == 4;
    if (settings.rule == Rule::musgd && settings.musgd_rate)
      slot.rate = settings.musgd_rate(item.key());
    const bool two = settings.rule == Rule::adamw || (settings.rule == Rule::musgd && slot.matrix);
    for (int i = 0; i < (two ? 2 : 1); ++i) slot.memory.push_back(torch::zeros_like(parameter));
    slots_.push_back(std::move(slot));
    tensors_.push_back(parameter);
  }
  for (const auto& slot : slots_) {
    const bool muon = settings.rule == Rule::musgd && slot.matrix;
    kinds_[{slot.bias, slot.matrix, muon, slot.rate}].push_back(&slot);
  }
}

void Optimizer::step(const Rates& rates) {
  const torch::NoGradGuard no_gradients;
  ++steps_;
  for (const auto& [kind, slots] : kinds_) {
    const auto [bias, decayed, muon, factor] = kind;
    const double rate = factor * (bias ? rates.biases : rates.weights);
    const auto lists = with_gradients(slots);
    if (lists.gradients.empty()) continue;
    const double decay = decayed ? settings_.weight_decay : 0;
    if (settings_.rule == Rule::adamw) {
      step_adamw(lists, rate, rates.momentum, decay);
    } else {
      if (muon)
        for (const auto* slot : slots) step_muon(*slot, rate, rates.momentum);
      step_sgd(lists, rate, rates.momentum, decay);
    }
  }
}

Optimizer::Lists Optimizer::with_gradients(const std::vector<const Slot*>& slots) {
  Lists lists;
  for (const auto* slot : slots) {
    if (!slot->parameter.grad().defined()) continue;
    lists.gradients.push_back(flat(gradient_like(slot->parameter)));
    lists.parameters.push_back(flat(slot->parameter));
    lists.first.push_back(flat(slot->memory[0]));
    if (slot->memory.size() > 1) lists.second.push_back(flat(slot->memory[1]));
  }
  return lists;
}

void Optimizer::step_sgd(const Lists& lists, double rate, double momentum, double decay) {
  auto gradients = lists.gradients;
  if (decay != 0)
    gradients = at::_foreach_add(gradients, at::_foreach_mul(lists.parameters, decay));
  const auto& velocities = lists.first;
  at::_foreach_mul_(velocities, momentum);
  at::_foreach_add_(velocities, gradients);
  at::_foreach_sub_(lists.parameters, at::_foreach_add(gradients, velocities, momentum), rate);
}

void Optimizer::step_muon(const Slot& slot, double rate, double momentum) {
  const auto& gradient = slot.parameter.grad();
  if (!gradient.defined()) return;
  auto mean = slot.memory[1];
  mean.mul_(momentum).add_(gradient, 1 - momentum);
  const auto update = mean.mul(momentum).add_(gradient, 1 - momentum);
  auto parameter = slot.parameter;
  parameter.sub_(orthogonalize(update), rate * muon_part);
}

void Optimizer::step_adamw(const Lists& lists, double rate, double beta1, double decay) const {
  if (decay != 0) at::_foreach_mul_(lists.parameters, 1 - rate * decay);
  const auto &means = lists.first, &squares = lists.second;
  at::_foreach_mul_(means, beta1);
  at::_foreach_add_(means, lists.gradients, 1 - beta1);
  at::_foreach_mul_(squares, beta2);
  at::_foreach_addcmul_(squares, lists.gradients, lists.gradients, 1 - beta2);
  const double t = static_cast<double>(steps_);
  const auto divisors = at::_foreach_sqrt(squares);
  at::_foreach_div_(divisors, std::sqrt(1 - std::pow(beta2, t)));
  at::_foreach_add_(divisors, adam_eps);
  at::_foreach_addcdiv_(lists.parameters, means, divisors, -rate / (1 - std::pow(beta1, t)));
}

void Optimizer::zero_gradients() {
  for (auto& slot : slots_) slot.parameter.mutable_grad() = Tensor();
}

double Optimizer::clip_gradients(double most) {
  const torch::NoGradGuard no_gradients;
  std::vector<Tensor> gradients;
  for (const auto& slot : slots_)
    if (slot.parameter.grad().defined()) gradients.push_back(slot.parameter.grad());
  if (gradients.empty()) return 0;
  const double norm = torch::stack(at::_foreach_norm(gradients)).norm().item<double>();
  if (norm > most) at::_foreach_mul_(gradients, most / (norm + 1e-6));
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
