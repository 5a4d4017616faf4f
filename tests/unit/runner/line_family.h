#pragma once
#include <memory>
#include <string>
#include <vector>

#include "runner/nn/convert.h"
#include "runner/nn/tensors.h"
#include "runner/task/family.h"
#include "runner/task/random.h"

/// A family that has nothing to do with pictures: a line through numbers, y = 3 a - 2 b + 0.5.
/// Whatever of training, val, export and serve is about boxes would not compile here, or fail.
namespace lotse::runner {

/// Random a and b and what belongs to them: N x 2 and N x 1.
inline task::Batch line_data(uint64_t part, uint64_t seed, const std::vector<int64_t>& indices) {
  const auto count = static_cast<int64_t>(indices.size());
  auto inputs = torch::empty({count, 2}), targets = torch::empty({count, 1});
  for (int64_t i = 0; i < count; ++i) {
    task::Random random({part, seed, static_cast<uint64_t>(indices[static_cast<size_t>(i)])});
    const double a = random.uniform(-1, 1), b = random.uniform(-1, 1);
    inputs[i][0] = a, inputs[i][1] = b;
    targets[i][0] = 3 * a - 2 * b + 0.5;
  }
  return {inputs, targets};
}

class LineLearner : public task::Learner {
 public:
  explicit LineLearner(const contract::TrainOptions& options)
      : seed_(static_cast<uint64_t>(options.seed)), model_(2, 1), averaged_(2, 1) {
    const torch::NoGradGuard no_gradients;
    for (const auto& [name, tensor] : nn::state(*model_)) tensor.zero_();
    for (const auto& [name, tensor] : nn::state(*averaged_)) tensor.zero_();
  }

  torch::nn::Module& model() override { return *model_; }
  torch::nn::Module& averaged() override { return *averaged_; }
  void begin_learning() override { model_->train(); }
  int64_t examples() const override { return 64; }
  int64_t validation_examples() const override { return 16; }
  int64_t classes() const override { return 1; }

  task::Batch training_batch(const std::vector<int64_t>& indices, int64_t, int64_t) const override {
    return line_data(0, seed_, indices);
  }
  std::vector<std::string> loss_names() const override { return {"square"}; }
  std::vector<task::HeadLoss> losses(const task::Batch& batch, int64_t) override {
    const auto wrong = model_->forward(batch.inputs) - batch.targets;
    return {{{{wrong.square().sum(), 1.0}}, torch::tensor(static_cast<float>(wrong.numel()))}};
  }

  std::vector<task::Metric> metrics() const override { return {{"r2", "R2"}}; }
  std::vector<double> validate(int64_t, dist::Group& group,
                               const std::function<void(int64_t, int64_t)>& progress) override {
    const torch::NoGradGuard no_gradients;
    std::vector<int64_t> mine;
    for (auto i = group.rank(); i < validation_examples(); i += group.size()) mine.push_back(i);
    const auto batch = line_data(1, seed_, mine);
    auto sums = torch::stack({(averaged_->forward(batch.inputs) - batch.targets).square().sum(),
                              batch.targets.square().sum()});
    group.all_reduce(sums);
    progress(validation_examples(), validation_examples());
    return {1 - (sums[0] / sums[1]).item<double>()};
  }

  void save(const std::filesystem::path& path,
            const std::map<std::string, std::string>& more) const override {
    auto all = more;
    all["task"] = all["architecture"] = "line";
    nn::write_tensors(path, nn::state(*averaged_), all);
  }
  nlohmann::json identity() const override { return {{"architecture", "line"}}; }
  std::string describe() const override { return "a line on 64 numbers"; }
  nlohmann::json description() const override { return {{"model", "line"}}; }

 private:
  uint64_t seed_;
  torch::nn::Linear model_, averaged_;
};

class LineNetwork : public task::Network {
 public:
  explicit LineNetwork(torch::nn::Linear line) : line_(std::move(line)) {}
  task::Tensors forward(const task::Tensors& inputs) override {
    const torch::NoGradGuard no_gradients;
    const auto y = line_->forward(torch::stack({inputs.at(0), inputs.at(1)}, 1)).select(1, 0);
    return {y, y.square()};
  }
  std::vector<std::pair<std::string, torch::Tensor>> state() const override {
    return nn::state(*line_);
  }

 private:
  torch::nn::Linear line_;
};

class LineModel : public task::Model {
 public:
  using Model::Model;
  task::Signature signature() const override {
    return {{{"a", "N", {-1}}, {"b", "N", {-1}}}, {{"y", "N", {-1}}, {"square", "N", {-1}}}};
  }
  task::Tensors example(int64_t batch, uint64_t seed) const override {
    torch::manual_seed(seed);
    return {torch::rand({batch}), torch::rand({batch})};
  }
};

/// On the examples that training validates on.
class LineEvaluator : public task::Evaluator {
 public:
  explicit LineEvaluator(int64_t seed) : seed_(static_cast<uint64_t>(seed)) {}
  task::Evaluation evaluate(task::Model& model) override {
    const auto all = torch::arange(16, torch::kLong);
    const auto data = line_data(1, seed_, {all.data_ptr<int64_t>(), all.data_ptr<int64_t>() + 16});
    const auto truth = data.targets.select(1, 0);
    const auto wrong =
        model.forward({data.inputs.select(1, 0), data.inputs.select(1, 1)}).at(0) - truth;
    const double r2 = 1 - (wrong.square().sum() / truth.square().sum()).item<double>();
    return {{{"largest", wrong.abs().max().item<double>()}, {"r2", r2}}, {{"numbers", 16}}, "fine"};
  }

 private:
  uint64_t seed_;
};

class LineFamily : public task::Family {
 public:
  std::string task() const override { return "line"; }
  std::vector<std::string> names() const override { return {"line"}; }
  bool takes(const task::Source& source) const override {
    return source.is_name() ? source.given == "line" : source.task() == "line";
  }
  std::unique_ptr<task::Learner> make_learner(const contract::TrainOptions& options,
                                              const task::Place& /*place*/) const override {
    return std::make_unique<LineLearner>(options);
  }
  std::unique_ptr<task::Model> load(task::Source source,
                                    const contract::EngineOptions& /*options*/) const override {
    if (source.graph) {
      auto info = task::exported_info(source);
      return std::make_unique<LineModel>(std::move(source.graph->network), std::move(info));
    }
    task::ModelInfo info;
    info.task = info.architecture = "line";
    info.source = source.given;
    info.fresh = source.is_name();
    torch::nn::Linear line(2, 1);
    const torch::NoGradGuard no_gradients;
    for (const auto& [name, tensor] : nn::state(*line)) {
      tensor.zero_();
      if (!source.weights) continue;
      for (const auto& [stored, view] : source.weights->tensors)
        if (stored == name) tensor.copy_(nn::to_torch(view));
    }
    return std::make_unique<LineModel>(std::make_unique<LineNetwork>(line), std::move(info));
  }
  std::vector<std::string> metrics() const override { return {"largest", "r2"}; }
  std::unique_ptr<task::Evaluator> make_evaluator(const contract::ValOptions& options,
                                                  const task::Place& /*place*/) const override {
    return std::make_unique<LineEvaluator>(options.seed);
  }
};

}  // namespace lotse::runner
