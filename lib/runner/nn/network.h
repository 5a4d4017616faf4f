#pragma once
#include <torch/torch.h>

#include <cstdint>
#include <string>
#include <vector>

#include "runner/nn/activation.h"

/// What can be done with any network of these blocks.
namespace lotse::runner::nn {

struct Row;

/// Fresh weights, the same for the same seed on every machine: convolutions uniform in
/// +-1/sqrt(fan-in), batch norm 1 and 0. Biases of convolutions are left as they are.
void initialize(torch::nn::Module& network, uint64_t seed);

/// What each batch norm adds to the variance, and how much of its statistics a batch is.
void set_norm(torch::nn::Module& network, double eps, double momentum);

/// What stands behind each convolution that has an activation.
void set_activation(torch::nn::Module& network, const Activation& activation);

/// Folds each batch norm into its convolution, in place and for good: for inference. Numbers
/// change by rounding only. The network cannot be trained or saved afterwards.
void fuse(torch::nn::Module& network);

/// Keeps weights of convolutions channels-last, which is what convolutions on CPU with oneDNN and
/// on GPU are fastest with; give it channels-last images too.
void to_channels_last(torch::nn::Module& network);

/// Convolutions by oneDNN with packed weights, where that is possible (CPU, fp32 or bf16); else
/// nothing changes. For a fused network in its final type; give it channels-last images. Then it
/// can do nothing but forward(), on one thread at a time, and not be traced.
void pack(torch::nn::Module& network);

/// Batch norm uses its running statistics and leaves them, also while training.
void freeze_batch_norm(torch::nn::Module& network, bool frozen);

int64_t parameter_count(const torch::nn::Module& network);

/// One row of a network, for people.
struct LayerInfo {
  std::string type;           ///< "C3k2"
  std::vector<int64_t> from;  ///< indices of the rows it reads
  int64_t channels = 0;       ///< out; 0 for the head
  int64_t parameters = 0;
};
std::vector<LayerInfo> layers_of(const std::vector<Row>& rows);

}  // namespace lotse::runner::nn
