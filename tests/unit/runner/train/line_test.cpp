// A family that has nothing to do with pictures: what a line through numbers needs to be trained.
// Whatever of training is about boxes would not compile here, or fail.
#include <catch2/catch.hpp>
#include <fstream>

#include "base/files.h"
#include "base/strings.h"
#include "runner/nn/tensors.h"
#include "runner/task/learner.h"
#include "runner/task/random.h"
#include "runner/train/train.h"

using namespace lotse;
using namespace lotse::runner;
using nlohmann::json;

namespace {

/// y = 3 a - 2 b + 0.5 for random a and b.
class Line : public task::Learner {
 public:
  explicit Line(const contract::TrainOptions& options)
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

  task::Batch training_batch(const std::vector<int64_t>& indices, int64_t) const override {
    return make(0, indices);
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
    const auto batch = make(1, mine);
    auto sums = torch::stack({(averaged_->forward(batch.inputs) - batch.targets).square().sum(),
                              batch.targets.square().sum()});
    group.all_reduce(sums);
    progress(validation_examples(), validation_examples());
    return {1 - (sums[0] / sums[1]).item<double>()};
  }

  void save(const std::filesystem::path& path,
            const std::map<std::string, std::string>& more) const override {
    nn::write_tensors(path, nn::state(*averaged_), more);
  }
  json identity() const override { return {{"architecture", "line"}}; }
  std::string describe() const override { return "a line on 64 numbers"; }
  json description() const override { return {{"model", "line"}}; }

 private:
  task::Batch make(uint64_t part, const std::vector<int64_t>& indices) const {
    const auto count = static_cast<int64_t>(indices.size());
    auto inputs = torch::empty({count, 2}), targets = torch::empty({count, 1});
    for (int64_t i = 0; i < count; ++i) {
      task::Random random({part, seed_, static_cast<uint64_t>(indices[static_cast<size_t>(i)])});
      const double a = random.uniform(-1, 1), b = random.uniform(-1, 1);
      inputs[i][0] = a, inputs[i][1] = b;
      targets[i][0] = 3 * a - 2 * b + 0.5;
    }
    return {inputs, targets};
  }

  uint64_t seed_;
  torch::nn::Linear model_, averaged_;
};

std::unique_ptr<task::Learner> make_line(const contract::TrainOptions& options,
                                         const task::Place&) {
  return std::make_unique<Line>(options);
}

contract::TrainOptions quick(const std::filesystem::path& output) {
  contract::TrainOptions options;
  options.output = output.string();
  options.epochs = 20;
  options.batch = 8;
  options.nominal_batch = 8;
  options.optimizer = "sgd";
  options.lr0 = 0.05;
  options.warmup_epochs = 0;
  options.threads = 1;
  return options;
}

void silent(const contract::Event&) {}

}  // namespace

TEST_CASE("train: a family without pictures learns, and its own words are told", "[train]") {
  const base::TemporaryFolder folder;
  std::vector<contract::Event> events;
  train::train(quick(folder.path()), make_line, {},
               [&](const contract::Event& event) { events.push_back(event); });

  REQUIRE(events.front().type == "start");
  CHECK_THAT(events.front().message, Catch::Contains("Training a line on 64 numbers, 20 epochs"));
  CHECK(events.front().fields["model"] == "line");
  const auto& result = events.back();
  REQUIRE(result.type == "result");
  CHECK(result.fields["r2"].get<double>() > 0.999);
  CHECK_THAT(result.message, Catch::Contains("\nR2 "));

  const auto lines = base::split(base::read_file(folder.path() / "results.jsonl"), '\n');
  const auto told = json::parse(lines.at(result.fields["best_epoch"].get<size_t>() - 1));
  CHECK(told["losses"].contains("square"));
  CHECK(told["r2"] == result.fields["r2"]);
  const auto best = nn::read_tensors(folder.path() / "best.safetensors");
  CHECK(best.tensors.at("weight")[0][0].item<double>() == Approx(3).margin(0.05));
  CHECK(best.metadata.at("r2") == base::fixed(result.fields["r2"], 5));
}

TEST_CASE("train: a family without pictures goes on to the bit where it was cut", "[train]") {
  const base::TemporaryFolder folder;
  const auto weights = [&](const char* run) {
    return nn::read_tensors(folder.path() / run / "last.safetensors").tensors.at("weight");
  };
  train::train(quick(folder.path() / "whole"), make_line, {}, silent);

  auto cut = quick(folder.path() / "cut");
  cut.max_steps = 64;
  train::train(cut, make_line, {}, silent);
  CHECK_FALSE(torch::equal(weights("cut"), weights("whole")));
  cut.max_steps = 0;
  cut.resume = true;
  std::vector<contract::Event> events;
  train::train(cut, make_line, {}, [&](const contract::Event& event) { events.push_back(event); });
  CHECK(events.front().fields["resumed_steps"] == 64);
  CHECK(torch::equal(weights("cut"), weights("whole")));
}
