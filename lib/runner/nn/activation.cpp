#include "runner/nn/activation.h"

#include <array>

#include "base/number.h"
#include "base/strings.h"

namespace lotse::runner::nn {

namespace {

using torch::Tensor;
using Kind = Activation::Kind;

struct Known {
  Kind kind;
  const char* name;
  const char* setting;  ///< the one that `value` is; "" if it has none
  double standard;
};
constexpr std::array<Known, 10> known = {{{Kind::silu, "SiLU", "", 0},
                                          {Kind::relu, "ReLU", "", 0},
                                          {Kind::relu6, "ReLU6", "", 0},
                                          {Kind::leaky_relu, "LeakyReLU", "negative_slope", 0.01},
                                          {Kind::hardswish, "Hardswish", "", 0},
                                          {Kind::gelu, "GELU", "", 0},
                                          {Kind::mish, "Mish", "", 0},
                                          {Kind::elu, "ELU", "alpha", 1},
                                          {Kind::sigmoid, "Sigmoid", "", 0},
                                          {Kind::tanh, "Tanh", "", 0}}};

/// Settings that leave the function as it is.
bool changes_nothing(const std::string& setting) {
  return setting == "min_val=0" || setting == "max_val=6" || setting == "approximate=none" ||
         setting == "scale=1" || setting == "input_scale=1";
}

}  // namespace

std::optional<Activation> parse_activation(const std::string& text) {
  const auto open = text.find('(');
  const auto name = text.substr(0, open);
  for (const auto& one : known) {
    if (name != one.name) continue;
    Activation result{one.kind, one.standard};
    if (open == std::string::npos) return result;
    if (!text.ends_with(')')) return {};
    for (const auto& setting : base::split(text.substr(open + 1, text.size() - open - 2), ',')) {
      const auto equals = setting.find('=');
      if (*one.setting != '\0' && setting.substr(0, equals) == one.setting) {
        const auto value = base::to_number(setting.substr(equals + 1));
        if (equals == std::string::npos || !value) return {};
        result.value = *value;
      } else if (!changes_nothing(setting)) {
        return {};
      }
    }
    return result;
  }
  return {};
}

std::string to_text(const Activation& activation) {
  for (const auto& one : known) {
    if (one.kind != activation.kind) continue;
    if (*one.setting == '\0') return one.name;
    std::ostringstream number;
    number.precision(17);
    number << activation.value;
    return base::cat(one.name, "(", one.setting, "=", number.str(), ")");
  }
  return "";
}

Tensor activate(Tensor x, const Activation& activation) {
  const bool copies = torch::GradMode::is_enabled();
  switch (activation.kind) {
    case Kind::silu:
      return copies ? torch::silu(x) : torch::silu_(x);
    case Kind::relu:
      return copies ? torch::relu(x) : torch::relu_(x);
    case Kind::relu6:
      return copies ? torch::hardtanh(x, 0, 6) : torch::hardtanh_(x, 0, 6);
    case Kind::leaky_relu:
      return copies ? torch::leaky_relu(x, activation.value)
                    : torch::leaky_relu_(x, activation.value);
    case Kind::hardswish:
      return copies ? torch::hardswish(x) : torch::hardswish_(x);
    case Kind::gelu:
      return torch::gelu(x);
    case Kind::mish:
      return copies ? at::mish(x) : at::mish_(x);
    case Kind::elu:
      return copies ? torch::elu(x, activation.value) : torch::elu_(x, activation.value);
    case Kind::sigmoid:
      return copies ? torch::sigmoid(x) : torch::sigmoid_(x);
    case Kind::tanh:
      return copies ? torch::tanh(x) : torch::tanh_(x);
  }
  return x;
}

}  // namespace lotse::runner::nn
