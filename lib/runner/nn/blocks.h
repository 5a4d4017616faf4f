#pragma once
#include <torch/torch.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runner/nn/activation.h"
#include "runner/nn/packed.h"

/// What the detectors are built of. Names of members registered in constructors are the names in
/// checkpoints. `in`, `out`: channels. Tensors are N x C x H x W.
namespace lotse::runner::nn {

/// Anything with one input and one output.
class Block : public torch::nn::Module {
 public:
  virtual torch::Tensor forward(const torch::Tensor& x) = 0;
};
using BlockPtr = std::shared_ptr<Block>;

/// A convolution with "same" padding for odd kernels, weight without values until it is filled.
class Conv2d : public Block {
 public:
  Conv2d(int64_t in, int64_t out, int64_t kernel, int64_t stride, int64_t groups, bool with_bias,
         torch::Device device);
  torch::Tensor forward(const torch::Tensor& x) override;
  /// With an activation behind it.
  torch::Tensor forward(const torch::Tensor& x, const Activation& activation);
  /// From the next call on the weight is kept packed, and nowhere else.
  void pack() { packs_ = true; }

  torch::Tensor weight;
  torch::Tensor bias;  ///< undefined if there is none
  const int64_t stride;
  const int64_t padding;
  const int64_t groups;

 private:
  torch::Tensor packed(const torch::Tensor& x, const Activation* activation);

  bool packs_ = false;
  std::optional<PackedConvolution> packed_;
};

/// Batch norm; eps and momentum are those of the detectors unless nn::set_norm says otherwise.
class BatchNorm : public Block {
 public:
  BatchNorm(int64_t channels, torch::Device device);
  torch::Tensor forward(const torch::Tensor& x) override;

  torch::Tensor weight, bias, running_mean, running_var, num_batches_tracked;
  bool frozen = false;  ///< running statistics also in training
  double eps = 1e-3;
  double momentum = 0.03;
};

/// Convolution, batch norm, activation (SiLU unless set, or none): the unit everything is made of.
class Conv : public Block {
 public:
  struct Options {
    int64_t kernel = 1;
    int64_t stride = 1;
    int64_t groups = 1;
    bool activation = true;
  };
  Conv(int64_t in, int64_t out, Options options, torch::Device device);
  torch::Tensor forward(const torch::Tensor& x) override;
  /// Folds the batch norm into the convolution and removes it.
  void fuse();

  const std::shared_ptr<Conv2d>& convolution() const { return conv_; }
  bool activates() const { return activates_; }
  const Activation& activation() const { return activation_; }
  void set_activation(const Activation& activation) { activation_ = activation; }

 private:
  std::shared_ptr<Conv2d> conv_;
  std::shared_ptr<BatchNorm> bn_;  ///< null once fused
  bool activates_;
  Activation activation_;
};

/// Blocks one behind the other, named "0", "1", ...
class Chain : public Block {
 public:
  explicit Chain(std::vector<BlockPtr> blocks);
  torch::Tensor forward(const torch::Tensor& x) override;
  const std::vector<BlockPtr>& blocks() const { return blocks_; }

 private:
  std::vector<BlockPtr> blocks_;
};

/// Two convolutions and, if asked for and in == out, the input added.
class Bottleneck : public Block {
 public:
  Bottleneck(int64_t in, int64_t out, bool shortcut, double expansion, torch::Device device);
  torch::Tensor forward(const torch::Tensor& x) override;

 private:
  std::shared_ptr<Conv> cv1_, cv2_;
  bool add_;
};

/// A chain of bottlenecks beside a plain path, joined by a convolution.
class C3k : public Block {
 public:
  C3k(int64_t in, int64_t out, int64_t repeats, torch::Device device);
  torch::Tensor forward(const torch::Tensor& x) override;

 private:
  std::shared_ptr<Conv> cv1_, cv2_, cv3_;
  std::shared_ptr<Chain> m_;
};

/// Self-attention over all places, with a depthwise convolution for positions.
class Attention : public Block {
 public:
  Attention(int64_t channels, int64_t heads, torch::Device device);
  torch::Tensor forward(const torch::Tensor& x) override;

 private:
  std::shared_ptr<Conv> qkv_, proj_, pe_;
  int64_t heads_, key_dim_, head_dim_;
};

/// Attention and a two-layer network, each added to its input.
class PSABlock : public Block {
 public:
  PSABlock(int64_t channels, int64_t heads, torch::Device device);
  torch::Tensor forward(const torch::Tensor& x) override;

 private:
  std::shared_ptr<Attention> attn_;
  std::shared_ptr<Chain> ffn_;
};

/// Split in two; inner blocks chained on the second half; everything joined. C2f and C3k2 differ in
/// the inner blocks alone.
class C2f : public Block {
 public:
  enum class Inner { bottleneck_full, bottleneck_half, c3k, attention };
  C2f(int64_t in, int64_t out, int64_t repeats, Inner inner, bool shortcut, double expansion,
      torch::Device device);
  torch::Tensor forward(const torch::Tensor& x) override;

 private:
  std::shared_ptr<Conv> cv1_, cv2_;
  std::vector<BlockPtr> m_;
};

/// Max-pooling with a 5 x 5 window three times over, all four joined.
class SPPF : public Block {
 public:
  SPPF(int64_t in, int64_t out, bool first_activation, bool shortcut, torch::Device device);
  torch::Tensor forward(const torch::Tensor& x) override;

 private:
  std::shared_ptr<Conv> cv1_, cv2_;
  bool add_;
};

/// Split in two; attention blocks on the second half; joined.
class C2PSA : public Block {
 public:
  C2PSA(int64_t channels, int64_t repeats, torch::Device device);
  torch::Tensor forward(const torch::Tensor& x) override;

 private:
  std::shared_ptr<Conv> cv1_, cv2_;
  std::shared_ptr<Chain> m_;
};

}  // namespace lotse::runner::nn
