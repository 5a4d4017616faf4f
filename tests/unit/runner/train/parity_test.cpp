// Three steps of the reference implementation from hash-filled weights (tests/parity/train.py), and
// three of ours.
#include <catch2/catch.hpp>
#include <cmath>

#include "base/files.h"
#include "runner/detect/detector.h"
#include "runner/detect/loss.h"
#include "runner/nn/tensors.h"
#include "runner/train/step.h"

using namespace lotse::runner;
using nlohmann::json;
using torch::Tensor;

namespace {

constexpr int64_t side = 160, pictures = 2;

/// calm() of tests/parity/train.py: the heads' last convolutions.
void calm(torch::nn::Module& model) {
  const torch::NoGradGuard no_gradients;
  for (auto& [name, tensor] : nn::state(model)) {
    const auto of = [&, &key = name](const char* branch, const char* ending) {
      return key.find(branch) != std::string::npos && key.ends_with(ending) &&
             std::count(key.begin(), key.end(), '.') == 5;
    };
    if (of("cv2.", ".2.weight") || of("cv3.", ".2.weight")) tensor.mul_(0.1);
    if (of("cv3.", ".2.bias")) tensor.sub_(4);
    if (of("cv2.", ".2.bias")) tensor.add_(2);
  }
}

/// The ranges of tests/parity/filled.py.
void fill(torch::nn::Module& model) {
  const torch::NoGradGuard no_gradients;
  for (auto& [name, tensor] : nn::state(model)) {
    const auto last = name.substr(name.rfind('.') + 1);
    if (last == "num_batches_tracked" || name.find(".dfl.") != std::string::npos) continue;
    double low = -0.2, high = 0.2;
    if (tensor.dim() == 4) {
      high = std::sqrt(6 / static_cast<double>(tensor[0].numel()));
      low = -high;
    } else if (last == "weight" || last == "running_var") {
      low = 0.5, high = 1.5;
    }
    nn::fill_uniform(tensor, name, 0, low, high);
  }
}

/// The rows of tests/parity/train.py.
Tensor objects() {
  std::vector<double> rows;
  for (int i = 0; i < pictures; ++i) {
    for (int j = 0; j < 3; ++j) {
      const double x = 5 + 11 * i + 40 * j, y = 8 + 13 * i + 17 * j;
      rows.insert(rows.end(),
                  {1.0 * i, 1.0 * ((7 * i + 31 * j) % 80), x, y, x + 20 + 14 * j, y + 30 + 6 * i});
    }
    rows.insert(rows.end(), {1.0 * i, 3.0 + i, 130, 20.0 + 5 * i, 137, 29.0 + 5 * i});
  }
  return torch::tensor(rows, torch::kFloat64).view({-1, 6});
}

/// A detector and one batch; there is nothing else to be had of it.
class OneBatch : public task::Learner {
 public:
  explicit OneBatch(const std::string& name, bool calmed = true,
                    torch::ScalarType type = torch::kFloat)
      : model_(nn::architecture(name), 80), averaged_(nn::architecture(name), 80), type_(type) {
    model_.initialize(0);
    fill(model_);
    for (auto* one : {&model_, &averaged_}) one->to(type);
    if (calmed) calm(model_);
    model_.train();
  }
  torch::nn::Module& model() override { return model_; }
  torch::nn::Module& averaged() override { return averaged_; }
  void begin_learning() override {}
  int64_t examples() const override { return pictures; }
  int64_t validation_examples() const override { return 0; }
  int64_t classes() const override { return 80; }
  task::Batch training_batch(const std::vector<int64_t>&, int64_t, int64_t) const override {
    auto images = torch::empty({pictures, 3, side, side});
    nn::fill_uniform(images, "images", 0, 0, 1);
    return {images.to(type_), objects()};
  }
  std::vector<std::string> loss_names() const override { return {"box", "cls", "dfl"}; }
  std::vector<task::HeadLoss> losses(const task::Batch& batch, int64_t epoch) override {
    return detect::losses(model_, model_.forward(batch.inputs),
                          detect::pad_objects(batch.targets, pictures), side, side, {},
                          detect::one_to_many_weight(epoch, 100));
  }
  /// The class branches of the head, the last layer: YOLOv8's is 22, the others' 23.
  double musgd_rate(const std::string& parameter) const override {
    for (const auto* branch : {"model.22.cv3.", "model.23.cv3.", "model.23.one2one_cv3."})
      if (parameter.starts_with(branch)) return 3;
    return 1;
  }
  std::vector<task::Metric> metrics() const override { return {}; }
  std::vector<double> validate(int64_t, dist::Group&,
                               const std::function<void(int64_t, int64_t)>&) override {
    return {};
  }
  void save(const std::filesystem::path&,
            const std::map<std::string, std::string>&) const override {}
  json identity() const override { return {}; }
  std::string describe() const override { return ""; }
  json description() const override { return {}; }

 private:
  detect::Detector model_, averaged_;
  torch::ScalarType type_;
};

/// Relative to the tensor's largest number, as in tests/parity/filled.py.
void compare(const json& expected, const Tensor& given, double tolerance) {
  const auto flat = given.detach().contiguous().flatten().to(torch::kFloat64);
  const auto margin = tolerance * std::max(1.0, expected["largest"].get<double>());
  CHECK(flat.abs().max().item<double>() ==
        Approx(expected["largest"].get<double>()).margin(margin).epsilon(0));
  for (size_t i = 0; i < expected["at"].size(); ++i)
    CHECK(flat[expected["at"][i].get<int64_t>()].item<double>() ==
          Approx(expected["values"][i].get<double>()).margin(margin).epsilon(0));
}

const json& fixture() {
  static const auto all = json::parse(lotse::base::read_file("tests/parity/train.json"));
  return all;
}

train::Optimizer optimizer_of(OneBatch& learner, const std::string& rule) {
  const std::map<std::string, train::Rule> rules = {
      {"sgd", train::Rule::sgd}, {"adamw", train::Rule::adamw}, {"musgd", train::Rule::musgd}};
  return {learner.model(), {rules.at(rule), 0.0005, [&](const std::string& parameter) {
                              return learner.musgd_rate(parameter);
                            }}};
}

}  // namespace

TEST_CASE("parity: weights after three steps with the same gradients", "[parity]") {
  const std::map<std::string, double> rates = {{"sgd", 0.01}, {"adamw", 0.001}, {"musgd", 0.0054}};
  const auto* const rule = GENERATE("sgd", "adamw", "musgd");
  INFO(rule);
  OneBatch learner("yolo26n", false);
  auto optimizer = optimizer_of(learner, rule);
  for (int step = 0; step < 3; ++step) {
    for (auto& parameter : learner.model().named_parameters()) {
      if (!parameter.value().requires_grad()) continue;
      auto gradient = torch::empty(parameter.value().sizes());
      nn::fill_uniform(gradient, parameter.key() + "/" + std::to_string(step), 0, -0.01, 0.01);
      parameter.value().mutable_grad() = gradient;
    }
    optimizer.step({rates.at(rule), rates.at(rule), 0.9});
  }
  const auto parameters = learner.model().named_parameters();
  for (const auto& [parameter, numbers] : fixture()["hashed gradients"][rule].items()) {
    INFO(parameter);
    compare(numbers, parameters[parameter], 1e-4);
  }
}

namespace {

/// The losses of three steps and the weights after them, within these parts of what the reference
/// has. The first losses, which no step has touched, are held to 1e-4.
void three_steps(const std::string& name, const std::string& rule, torch::ScalarType type,
                 double tolerance) {
  INFO(name << " " << rule);
  const auto& expected = fixture()[name][rule];
  OneBatch learner(name, true, type);
  auto optimizer = optimizer_of(learner, rule);
  train::Average average(nn::state(learner.averaged()), nn::state(learner.model()), 0.9999, 2000);
  const auto group = dist::Group::join({});
  train::Stepper stepper(pictures, 10, learner, optimizer, average, *group);
  const auto batch = learner.training_batch({}, 0, 0);
  const double rate = expected["rate"];
  double of_losses = std::min(tolerance, 1e-4);
  for (const auto& wanted : expected["losses"]) {
    stepper.add(batch, 0);
    const auto loss = stepper.step({rate, rate, 0.9});
    CHECK(loss.total == Approx(wanted["total"].get<double>()).epsilon(of_losses));
    for (size_t i = 0; i < 3; ++i)
      CHECK(loss.parts[i] == Approx(wanted["parts"][i].get<double>()).epsilon(of_losses));
    of_losses = tolerance;
  }
  const auto parameters = learner.model().named_parameters();
  for (const auto& [parameter, numbers] : expected["parameters"].items()) {
    INFO(parameter);
    compare(numbers, parameters[parameter], tolerance);
  }
}

}  // namespace

TEST_CASE("parity: the losses of three steps and the weights after them", "[parity]") {
  const auto* const name = GENERATE("yolo26n", "yolo11n", "yolov8n");
  const auto* const rule = GENERATE("sgd", "adamw", "musgd");
  three_steps(name, rule, torch::kDouble, 1e-4);
}

// AdamW's and Muon's steps are as long where a gradient is about 0 as anywhere: what single
// precision rounds there is no longer small after a step. SGD's are not.
TEST_CASE("parity: the same in single precision, in which training works", "[parity]") {
  const auto* const name = GENERATE("yolo26n", "yolo11n", "yolov8n");
  const auto* const rule = GENERATE("sgd", "adamw", "musgd");
  three_steps(name, rule, torch::kFloat, std::string(rule) == "sgd" ? 1e-4 : 5e-3);
}
