#pragma once
#include <torch/torch.h>

#include <compare>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace lotse::runner::train {

enum class Rule {
  sgd,    ///< Nesterov momentum, weight decay in the gradient
  adamw,  ///< arXiv 1711.05101; beta1 = momentum, beta2 = 0.999, eps = 1e-8
  musgd,  ///< matrices and kernels: 0.2 x Muon (Jordan 2024) and then SGD; the rest: SGD
};

/// Updates a model's parameters. What it remembers has names, so that it can be saved.
class Optimizer {
 public:
  Optimizer(const Optimizer&) = delete;
  Optimizer& operator=(const Optimizer&) = delete;

  struct Settings {
    Rule rule = Rule::sgd;
    double weight_decay = 0;
    /// By how much faster musgd moves the parameter of this name; none: all alike.
    std::function<double(const std::string& parameter)> musgd_rate = {};
  };
  /// What changes from step to step.
  struct Rates {
    double weights = 0;  ///< learning rate
    double biases = 0;   ///< learning rate of biases
    double momentum = 0;
  };

  /// The parameters of `module` that need gradients. Biases and norms are not decayed.
  Optimizer(const torch::nn::Module& module, const Settings& settings);

  void step(const Rates& rates);
  void zero_gradients();
  /// Scales all gradients so that their joint norm is at most `most`; returns the norm before.
  double clip_gradients(double most);
  const std::vector<torch::Tensor>& parameters() const { return tensors_; }

  std::vector<std::pair<std::string, torch::Tensor>> state() const;  ///< not copies
  int64_t steps() const { return steps_; }
  void set_steps(int64_t steps) { steps_ = steps; }

 private:
  struct Slot {
    std::string name;
    torch::Tensor parameter;
    bool bias = false, matrix = false;
    double rate = 1;
    std::vector<torch::Tensor>
        memory;  // sgd: velocity; adamw: two moments; musgd: velocity, Muon's
  };
  /// What slots must share to be updated together.
  struct Kind {
    bool bias = false, decayed = false, muon = false;
    double rate = 1;
    auto operator<=>(const Kind&) const = default;
  };
  /// The slots that have a gradient; all tensors flat, in the order of their memory.
  struct Lists {
    std::vector<torch::Tensor> parameters, gradients, first, second;
  };
  static Lists with_gradients(const std::vector<const Slot*>& slots);
  static void step_sgd(const Lists& lists, double rate, double momentum, double decay);
  void step_adamw(const Lists& lists, double rate, double beta1, double decay) const;
  static void step_muon(const Slot& slot, double rate, double momentum);

  Settings settings_;
  std::vector<Slot> slots_;
  std::map<Kind, std::vector<const Slot*>> kinds_;  // into slots_
  std::vector<torch::Tensor> tensors_;
  int64_t steps_ = 0;
};

/// About the nearest matrix with orthonormal rows or columns: five quintic Newton-Schulz steps
/// (Muon, Jordan 2024) on the gradient flattened to rows x rest, in bfloat16 or, where this
/// processor would emulate that, rounded to it; same shape back.
torch::Tensor orthogonalize(const torch::Tensor& update);

}  // namespace lotse::runner::train
