// What the recipe's options do to a run of detectors.
#include <catch2/catch.hpp>

#include "base/error.h"
#include "base/files.h"
#include "runner/detect/learner.h"
#include "runner/detect/load.h"
#include "runner/detect/loss.h"
#include "runner/detect/shapes.h"
#include "runner/nn/tensors.h"
#include "runner/train/fit.h"
#include "runner/train/hyperparameters.h"
#include "runner/train/train.h"

using namespace lotse;
using namespace lotse::runner;
using Catch::Matchers::Contains;

namespace {

contract::TrainOptions quick(const std::filesystem::path& folder) {
  const auto set = folder / "set";
  if (!std::filesystem::exists(set)) detect::write_shapes(set, 1, 4, 2, 64, {});
  contract::TrainOptions options;
  options.data = (set / "data.yaml").string();
  options.output = (folder / "out").string();
  options.epochs = 1;
  options.batch = 2;
  options.nominal_batch = 2;
  options.imgsz = 64;
  options.optimizer = "sgd";
  options.warmup_epochs = 0;
  options.threads = 1;
  return options;
}

std::vector<contract::Event> run(const contract::TrainOptions& options) {
  std::vector<contract::Event> events;
  train::train(options, detect::make_learner, {},
               [&](const contract::Event& event) { events.push_back(event); });
  return events;
}

}  // namespace

TEST_CASE("freeze: these layers stay as they are, with their statistics; the others learn") {
  const base::TemporaryFolder folder;
  auto options = quick(folder.path());
  options.freeze = 10;
  options.freeze_layers = {22};
  run(options);
  const auto fresh = detect::make_model("yolo26n", 0, detect::shape_names()).detector;
  const auto after = nn::read_tensors(folder.path() / "out/last.safetensors").tensors;
  for (const auto& [name, tensor] : nn::state(*fresh)) {
    const auto row = std::stoll(name.substr(6));
    INFO(name);
    if (row < 10 || row == 22) CHECK(torch::equal(after.at(name), tensor.contiguous()));
    if (row == 19 && name.ends_with("cv1.conv.weight"))
      CHECK_FALSE(torch::equal(after.at(name), tensor.contiguous()));
    if (row == 19 && name.ends_with("cv1.bn.running_mean"))
      CHECK_FALSE(torch::equal(after.at(name), tensor.contiguous()));
  }
}

TEST_CASE("freeze: a layer that is not there, and all of them, are refused") {
  const base::TemporaryFolder folder;
  auto options = quick(folder.path());
  options.freeze_layers = {24};
  CHECK_THROWS_WITH(run(options), Contains("layer 24 is not there: the model has 0 to 23"));
  options.freeze_layers = {};
  options.freeze = 24;
  CHECK_THROWS_WITH(run(options), Contains("no layer is left to learn"));
  CHECK_FALSE(std::filesystem::exists(folder.path() / "out"));
}

TEST_CASE("the recipe: all of it at once learns; what it is made of is told") {
  const base::TemporaryFolder folder;
  auto options = quick(folder.path());
  options.mosaic9 = options.mixup = options.cutmix = options.flipud = options.bgr = 0.5;
  options.degrees = 10, options.shear = 2, options.perspective = 0.0002;
  options.multi_scale = 0.5;
  options.cls_pw = 0.5;
  options.clip_norm = 0;
  const auto events = run(options);
  REQUIRE(events.back().type == "result");
  const auto told = std::find_if(events.begin(), events.end(), [](const contract::Event& event) {
    return event.type == "hyperparameters";
  });
  REQUIRE(told != events.end());
  CHECK_THAT(told->message, Contains("Run: epochs 1, batch 2, imgsz 64, seed 0\nOptimization: "
                                     "nominal_batch 2, optimizer sgd, lr0 0.01") &&
                                Contains("\nAugmentation: ") && Contains("mosaic9 0.5") &&
                                Contains("\nLoss: box 7.5"));
  CHECK(told->fields["hyperparameters"]["warmup_bias_lr"] == 0.1);
  CHECK(told->fields["hyperparameters"]["batch"] == 2);
  CHECK(told->fields["hyperparameters"]["freeze_layers"].empty());
}

TEST_CASE("close-mosaic: in the last epochs no pictures are mixed") {
  const base::TemporaryFolder folder;
  auto options = quick(folder.path());
  options.epochs = 4;
  options.close_mosaic = 2;
  options.mixup = options.cutmix = 1;
  const task::Place place = {torch::kCPU, 1, false, true, [](const contract::Event&) {}};
  const auto mixed = detect::make_learner(options, place);
  options.mosaic = options.mixup = options.cutmix = 0;
  const auto single = detect::make_learner(options, place);
  for (int64_t epoch = 0; epoch < 4; ++epoch) {
    INFO("epoch " << epoch);
    const auto a = mixed->training_batch({0, 1}, epoch, 0);
    const auto b = single->training_batch({0, 1}, epoch, 0);
    CHECK((torch::equal(a.inputs, b.inputs) && torch::equal(a.targets, b.targets)) == (epoch >= 2));
  }
}

TEST_CASE("copy-paste without outlines is refused before anything is written") {
  const base::TemporaryFolder folder;
  auto options = quick(folder.path());
  options.copy_paste = 0.5;
  CHECK_THROWS_WITH(run(options), Contains("copy_paste") && Contains("no label"));
  CHECK_FALSE(std::filesystem::exists(folder.path() / "out"));
}

TEST_CASE("a batch that is found out needs a GPU, and one rank") {
  const base::TemporaryFolder folder;
  auto options = quick(folder.path());
  options.batch = -1;
  options.device = "cpu";
  CHECK_THROWS_WITH(run(options), Contains("this is a CPU"));
  // One mistake: how ranks share the batch is not asked of a number that is none.
  CHECK_THROWS_WITH(train::check_options(options, 2),
                    "batch: is found out (-1) by one rank alone, not by 2\n"
                    "  Say how many images a step has.");
  options.batch = 0;
  CHECK_THROWS_WITH(run(options), Contains("is 0: at least 1"));
}

TEST_CASE("a batch that fits: on the line through two sizes, in eights") {
  const train::Measured measured = {2, 8, 300, 600};  // 200 and 50 each
  CHECK(train::largest_batch(measured, 2000, 1024) == 32);
  CHECK(train::largest_batch(measured, 500, 1024) == 6);
  CHECK(train::largest_batch(measured, 1e9, 100) == 96);
  CHECK_THROWS_WITH(train::largest_batch(measured, 240, 1024), Contains("not enough memory"));
}

TEST_CASE("class weights: the rarer the heavier, 1 in the mean") {
  const auto weights = detect::class_weights({1, 4, 0}, 0.5);
  CHECK(weights.mean().item<float>() == Approx(1));
  CHECK(weights[0].item<float>() == Approx(2 * weights[1].item<float>()));
  CHECK(weights[2].item<float>() == Approx(weights[0].item<float>()));
}
