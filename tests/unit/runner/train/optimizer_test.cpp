#include "runner/train/optimizer.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "runner/train/average.h"
#include "runner/train/schedule.h"

using namespace lotse::runner;
using train::Optimizer;
using train::Rule;

namespace {

/// A weight of one matrix and a bias, as in "model.0.conv".
struct Tiny : torch::nn::Module {
  torch::Tensor weight, bias;
  Tiny() {
    weight = register_parameter("weight", torch::full({1, 1}, 2.0));
    bias = register_parameter("bias", torch::full({1}, 1.0));
  }
  void set_gradients(double w, double b) {
    weight.mutable_grad() = torch::full({1, 1}, w);
    bias.mutable_grad() = torch::full({1}, b);
  }
};

}  // namespace

TEST_CASE("sgd: Nesterov by hand over two steps; biases are not decayed") {
  Tiny tiny;
  Optimizer optimizer(tiny, {Rule::sgd, 0.1});
  tiny.set_gradients(1, 1);
  optimizer.step({0.01, 0.02, 0.9});
  // g = 1 + 0.1 * 2 = 1.2, v = 1.2, step = 1.2 + 0.9 * 1.2.
  const double w1 = 2 - 0.01 * (1.2 + 0.9 * 1.2);
  CHECK(tiny.weight.item<double>() == Approx(w1));
  CHECK(tiny.bias.item<double>() == Approx(1 - 0.02 * 1.9));
  tiny.set_gradients(-1, 0);
  optimizer.step({0.01, 0.02, 0.9});
  const double g = -1 + 0.1 * w1, v = 0.9 * 1.2 + g;
  CHECK(tiny.weight.item<double>() == Approx(w1 - 0.01 * (g + 0.9 * v)));
}

TEST_CASE("adamw: as torch's own") {
  Tiny tiny;
  auto own_w = torch::full({1, 1}, 2.0).requires_grad_(),
       own_b = torch::full({1}, 1.0).requires_grad_();
  using torch::optim::AdamWOptions;
  std::vector<torch::optim::OptimizerParamGroup> groups;
  groups.emplace_back(std::vector<torch::Tensor>{own_w},
                      std::make_unique<AdamWOptions>(AdamWOptions(0.01).weight_decay(0.1)));
  groups.emplace_back(std::vector<torch::Tensor>{own_b},
                      std::make_unique<AdamWOptions>(AdamWOptions(0.01).weight_decay(0)));
  torch::optim::AdamW reference(groups, AdamWOptions(0.01));
  Optimizer optimizer(tiny, {Rule::adamw, 0.1});
  for (const double gradient : {1.0, -0.3, 0.2, 5.0}) {
    tiny.set_gradients(gradient, 2 * gradient);
    own_w.mutable_grad() = torch::full({1, 1}, gradient);
    own_b.mutable_grad() = torch::full({1}, 2 * gradient);
    optimizer.step({0.01, 0.01, 0.9});
    reference.step();
    CHECK(tiny.weight.item<double>() == Approx(own_w.item<double>()).epsilon(1e-6));
    CHECK(tiny.bias.item<double>() == Approx(own_b.item<double>()).epsilon(1e-6));
  }
}

TEST_CASE("the order of a gradient in memory does not matter") {
  struct Kernel : torch::nn::Module {
    torch::Tensor weight;
    explicit Kernel(const torch::Tensor& value) { weight = register_parameter("weight", value); }
  };
  const auto value = torch::randn({4, 3, 3, 3}), gradient = torch::randn({4, 3, 3, 3});
  const auto rule = GENERATE(Rule::sgd, Rule::adamw, Rule::musgd);
  const auto after = [&](at::MemoryFormat of_weight, at::MemoryFormat of_gradient) {
    Kernel kernel(value.clone(of_weight));
    Optimizer optimizer(kernel, {rule, 0.1});
    for (int i = 0; i < 2; ++i) {
      kernel.weight.mutable_grad() = gradient.clone(of_gradient);
      optimizer.step({0.01, 0.01, 0.9});
    }
    return kernel.weight.detach();
  };
  const auto plain = at::MemoryFormat::Contiguous, last = at::MemoryFormat::ChannelsLast;
  const auto wanted = after(plain, plain);
  CHECK(torch::allclose(after(last, plain), wanted));
  CHECK(torch::allclose(after(plain, last), wanted));
  CHECK(torch::allclose(after(last, last), wanted));
}

TEST_CASE("Muon: the update's singular values come near 1, whichever side is longer") {
  torch::manual_seed(3);
  for (const auto& shape : std::vector<std::vector<int64_t>>{{8, 20}, {20, 8}, {16, 4, 3, 3}}) {
    const auto update = torch::randn(shape);
    const auto result = train::orthogonalize(update);
    REQUIRE(result.sizes() == update.sizes());
    const double scale =
        shape.size() == 2 ? std::sqrt(std::max(1.0, static_cast<double>(shape[0]) / shape[1])) : 1;
    const auto values = torch::linalg_svdvals(result.flatten(1) / scale);
    CHECK(values.max().item<float>() < 1.3);
    CHECK(values.min().item<float>() > 0.4);
    // The same directions as the update's.
    CHECK((result * update).sum().item<float>() > 0);
  }
}

TEST_CASE("musgd: both parts on matrices, SGD alone on biases") {
  Tiny tiny;
  Optimizer optimizer(tiny, {Rule::musgd, 0});
  tiny.set_gradients(3, 3);
  optimizer.step({0.01, 0.01, 0.9});
  // A 1 x 1 matrix becomes about +-1: between 0.6 and 1.3 after five steps.
  const double sgd = 2 - 0.01 * 3 * 1.9, muon = sgd - tiny.weight.item<double>();
  CHECK(muon > 0.01 * 0.2 * 0.6);
  CHECK(muon < 0.01 * 0.2 * 1.3);
  CHECK(tiny.bias.item<double>() == Approx(1 - 0.01 * 3 * 1.9));
}

TEST_CASE("gradients are clipped to their joint norm") {
  Tiny tiny;
  Optimizer optimizer(tiny, {Rule::sgd, 0});
  tiny.set_gradients(30, 40);
  CHECK(optimizer.clip_gradients(10) == Approx(50));
  CHECK(tiny.weight.grad().item<double>() == Approx(6).epsilon(1e-5));
  CHECK(tiny.bias.grad().item<double>() == Approx(8).epsilon(1e-5));
  CHECK(optimizer.clip_gradients(20) == Approx(10).epsilon(1e-5));
  CHECK(tiny.weight.grad().item<double>() == Approx(6).epsilon(1e-5));
}

TEST_CASE("average: floats by the warmed-up decay, counters are copied") {
  auto value = torch::full({2}, 1.0), count = torch::full({1}, 7, torch::kInt64);
  auto mean = torch::zeros({2}), mean_count = torch::zeros({1}, torch::kInt64);
  train::Average average({{"a", mean}, {"n", mean_count}}, {{"a", value}, {"n", count}}, 0.9999,
                         10);
  CHECK(mean[0].item<double>() == 1);
  value.fill_(3);
  count.fill_(8);
  average.update();
  const double decay = 0.9999 * (1 - std::exp(-0.1));
  CHECK(mean[1].item<double>() == Approx(decay * 1 + (1 - decay) * 3));
  CHECK(mean_count.item<int64_t>() == 8);
}

TEST_CASE("average: what never changes stays as it is to the bit") {
  const auto value = torch::arange(1000, torch::kFloat);
  auto mean = torch::zeros({1000});
  train::Average average({{"a", mean}}, {{"a", value}}, 0.9999, 10);
  for (int step = 0; step < 1000; ++step) average.update();
  CHECK(torch::equal(mean, value));
}

TEST_CASE("schedule: warm-up, then a line to lrf; accumulation grows to the nominal batch") {
  lotse::contract::TrainOptions options;
  options.epochs = 10;
  options.batch = 16;
  options.optimizer = "sgd";
  options.warmup_epochs = 2;
  const auto schedule = train::make_schedule(options, 160, 4);
  CHECK(schedule.batches == 10);
  CHECK(schedule.accumulate == 4);
  CHECK(schedule.weight_decay == Approx(0.0005));
  CHECK(schedule.accumulate_at(0) == 1);
  CHECK(schedule.accumulate_at(20) == 4);
  CHECK(schedule.rates(0).weights == 0);
  CHECK(schedule.rates(0).biases == Approx(0.1));
  CHECK(schedule.rates(0).momentum == Approx(0.8));
  CHECK(schedule.rates(20).weights == Approx(0.01 * (0.8 * 0.99 + 0.01)));
  CHECK(schedule.rates(99).biases == Approx(0.01 * (0.1 * 0.99 + 0.01)));
  options.cosine = true;  // from the first rate to a hundredth of it, slowly at both ends
  const auto cosine = train::make_schedule(options, 160, 4);
  CHECK(cosine.rates(19).weights == Approx(0.01 * 0.975773 * 0.95).epsilon(1e-5));
  CHECK(cosine.rates(20).weights == Approx(0.01 * 0.905463).epsilon(1e-5));
  CHECK(cosine.rates(50).weights == Approx(0.01 * 0.505));
  CHECK(cosine.rates(99).biases == Approx(0.01 * 0.034227).epsilon(1e-4));
  options.cosine = false;
  options.warmup_bias_lr = 0.05;
  options.warmup_momentum = 0.5;
  CHECK(train::make_schedule(options, 160, 4).rates(0).biases == Approx(0.05));
  CHECK(train::make_schedule(options, 160, 4).rates(0).momentum == Approx(0.5));
  options.warmup_bias_lr = -1;
  options.optimizer = "adamw";
  CHECK(train::make_schedule(options, 160, 4).rates(0).biases == 0);
  CHECK(train::make_schedule(options, 160, 4).rates(0).momentum == options.momentum);
  options.optimizer = "auto";
  const auto automatic = train::make_schedule(options, 160, 4);
  CHECK(automatic.rule == Rule::adamw);
  CHECK(automatic.lr0 == Approx(0.00125));
  CHECK(automatic.rates(0).momentum == 0.9);
  options.epochs = 10000;
  CHECK(train::make_schedule(options, 160, 4).rule == Rule::musgd);
}
