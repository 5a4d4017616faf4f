#include "runner/nn/network.h"

#include <cmath>

#include "runner/nn/blocks.h"
#include "runner/nn/rows.h"
#include "runner/nn/tensors.h"

namespace lotse::runner::nn {

namespace {

/// Calls `visit` with each module of that kind.
template <class Kind, class Visit>
void each(torch::nn::Module& network, Visit&& visit) {
  for (const auto& module : network.modules(false)) {
    if (auto* one = dynamic_cast<Kind*>(module.get())) visit(*one);
  }
}

}  // namespace

void initialize(torch::nn::Module& network, uint64_t seed) {
  const torch::NoGradGuard no_gradients;
  for (const auto& named : network.named_modules("", false)) {
    if (auto* conv = dynamic_cast<Conv2d*>(named.value().get())) {
      const double bound = 1 / std::sqrt(static_cast<double>(conv->weight[0].numel()));
      fill_uniform(conv->weight, named.key() + ".weight", seed, -bound, bound);
    } else if (auto* norm = dynamic_cast<BatchNorm*>(named.value().get())) {
      norm->weight.fill_(1);
      norm->bias.zero_();
      norm->running_mean.zero_();
      norm->running_var.fill_(1);
      norm->num_batches_tracked.zero_();
    }
  }
}

void set_norm(torch::nn::Module& network, double eps, double momentum) {
  each<BatchNorm>(network, [&](BatchNorm& norm) {
    norm.eps = eps;
    norm.momentum = momentum;
  });
}

void set_activation(torch::nn::Module& network, const Activation& activation) {
  each<Conv>(network, [&](Conv& conv) { conv.set_activation(activation); });
}

void fuse(torch::nn::Module& network) {
  each<Conv>(network, [](Conv& conv) { conv.fuse(); });
}

void to_channels_last(torch::nn::Module& network) {
  for (auto& parameter : network.parameters()) {
    if (parameter.dim() == 4)
      parameter.set_data(parameter.data().contiguous(torch::MemoryFormat::ChannelsLast));
  }
}

void pack(torch::nn::Module& network) {
  const auto example = network.parameters().front();
  if (!example.device().is_cpu() || !PackedConvolution::possible(example.scalar_type())) return;
  each<Conv2d>(network, [](Conv2d& convolution) { convolution.pack(); });
}

void freeze_batch_norm(torch::nn::Module& network, bool frozen) {
  each<BatchNorm>(network, [&](BatchNorm& norm) { norm.frozen = frozen; });
}

int64_t parameter_count(const torch::nn::Module& network) {
  int64_t count = 0;
  for (const auto& parameter : network.parameters()) count += parameter.numel();
  return count;
}

std::vector<LayerInfo> layers_of(const std::vector<Row>& rows) {
  std::vector<LayerInfo> result;
  for (const auto& row : rows)
    result.push_back(
        {row.type, row.from, row.channels, row.block ? parameter_count(*row.block) : 0});
  return result;
}

}  // namespace lotse::runner::nn
