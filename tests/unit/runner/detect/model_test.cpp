// A detector that is ready to run: heads, precisions, and outputs that are not to be believed.
#include "runner/detect/model.h"

#include <catch2/catch.hpp>
#include <limits>

#include "../models.h"
#include "base/error.h"
#include "runner/detect/predictor.h"

using namespace lotse;
using namespace lotse::runner;
using namespace lotse::runner::detect;
using Catch::Matchers::Contains;
using task::OutputError;

namespace {

/// Some pixels of everything, the same each time.
runner::media::Image noise(int width, int height, unsigned seed) {
  auto image = runner::media::blank(width, height, 0);
  for (auto& value : image.rgb) {
    seed = seed * 1664525U + 1013904223U;
    value = static_cast<uint8_t>(seed >> 24);
  }
  return image;
}

/// Gives what it is told to.
class Liar : public task::Network {
 public:
  explicit Liar(torch::Tensor output) : output_(std::move(output)) {}
  task::Tensors forward(const task::Tensors& /*inputs*/) override { return {output_}; }

 private:
  torch::Tensor output_;
};

std::unique_ptr<DetectModel> lying(const std::string& head, const torch::Tensor& output) {
  return std::make_unique<DetectModel>(
      std::make_unique<Liar>(output), task::ModelInfo(),
      DetectModel::Parts{
          head == "o2o" ? Heads::one_to_one : Heads::one_to_many, {"cat", "dog"}, 64});
}

}  // namespace

TEST_CASE("a picture's boxes do not depend on the pictures beside it") {
  const auto model = detector(engine_options("yolo26n", 96, 3));
  Selection all;
  all.confidence = 0;
  all.max_detections = 5;
  BoxPredictor predictor(*model, all);
  const auto wide = noise(96, 64, 1);
  const auto other = noise(96, 64, 2);
  const auto tall = noise(50, 90, 3);
  const auto together = predictor.detect({&wide, &other, &tall});
  REQUIRE(together.size() == 3);
  const auto alone = predictor.detect({&other}).at(0);
  REQUIRE(alone.size() == 5);
  for (size_t i = 0; i < alone.size(); ++i) {
    CHECK(alone[i].confidence == Approx(together[1][i].confidence).epsilon(1e-4));
    for (const float side : together[2][i].box) CHECK((side >= 0 && side <= 90));
  }
}

TEST_CASE("heads and precisions that cannot be are refused") {
  const auto refused = [](const contract::EngineOptions& options) {
    CHECK_THROWS_AS(detector(options), base::Error);
  };
  refused(engine_options("yolov8n", 64, 0, "o2o"));
  refused(engine_options("yolo26n", 64, 0, "auto", "fp16"));
  refused(engine_options("yolo26n", 65));
  refused(engine_options("yolo99z", 64));
}

TEST_CASE("both heads and bf16 run") {
  const auto images = torch::rand({1, 3, 64, 64});
  const auto output = [&](const contract::EngineOptions& options) {
    return detector(options)->forward({images}).at(0);
  };
  CHECK(output(engine_options("yolo26n", 64)).sizes() == torch::IntArrayRef({1, 84, 6}));
  CHECK(output(engine_options("yolo26n", 64, 0, "o2m")).sizes() == torch::IntArrayRef({1, 84, 84}));
  CHECK(output(engine_options("yolo11n", 64, 0, "auto", "bf16")).scalar_type() == torch::kFloat);
}

TEST_CASE("packed weights give what plain ones give, for pictures of any size") {
  torch::manual_seed(1);
  for (const auto* precision : {"fp32", "bf16"}) {
    INFO(precision);
    const auto options = engine_options("yolo26n", 96, 3, "o2m", precision);
    const auto plain = detector(options), packed = detector(options);
    packed->network().pack();
    for (const auto& images : {torch::rand({1, 3, 96, 64}), torch::rand({3, 3, 64, 96})}) {
      const auto wanted = plain->forward({images}).at(0);
      const auto got = packed->forward({images}).at(0);
      const double tolerance = precision == std::string("fp32") ? 1e-4 : 5e-2;
      CHECK((wanted - got).abs().max().item<double>() <
            tolerance * wanted.abs().max().item<double>());
    }
  }
}

TEST_CASE("outputs that cannot be detections are refused") {
  const auto images = torch::zeros({1, 3, 64, 64});
  const auto detect = [&](const std::string& head, const torch::Tensor& output) {
    Selection all;
    all.confidence = 0;
    return lying(head, output)->detect(images, all);
  };
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinite = std::numeric_limits<float>::infinity();
  const auto rows = [](std::vector<float> values) {
    return torch::tensor(values).view({1, -1, 6});
  };
  CHECK(detect("o2o", rows({1, 2, 3, 4, 1, 1})).at(0).size() == 1);
  CHECK_THROWS_AS(detect("o2o", rows({1, 2, 3, 4, 114, 1})), OutputError);
  CHECK_THROWS_AS(detect("o2o", rows({1, 2, 3, 4, -0.5F, 1})), OutputError);
  CHECK_THROWS_AS(detect("o2o", rows({1, 2, 3, 4, nan, 1})), OutputError);
  CHECK_THROWS_WITH(detect("o2o", rows({1, 2, 3, 4, 0.5, 2})), Contains("classes reach from 2"));
  CHECK_THROWS_AS(detect("o2o", rows({1, 2, 3, 4, 0.5, -1})), OutputError);
  CHECK_THROWS_WITH(detect("o2o", rows({1, nan, 3, 4, 0.5, 1})), Contains("boxes are not finite"));
  CHECK_THROWS_AS(detect("o2o", rows({1, infinite, 3, 4, 0.5, 1})), OutputError);
  CHECK_THROWS_WITH(detect("o2o", torch::zeros({1, 5, 7})), Contains("shape [1, 5, 7]"));
  CHECK_THROWS_AS(detect("o2o", torch::zeros({2, 5, 6})), OutputError);
  CHECK_THROWS_AS(detect("o2o", torch::zeros({1, 5, 6}, torch::kLong)), OutputError);
  auto raw = torch::full({1, 6, 9}, 0.5);
  CHECK_FALSE(detect("o2m", raw).at(0).empty());
  raw[0][5][3] = 1.5;
  CHECK_THROWS_WITH(detect("o2m", raw), Contains("scores reach from 0.5 to 1.5"));
  raw[0][5][3] = nan;
  CHECK_THROWS_AS(detect("o2m", raw), OutputError);
  raw[0][5][3] = 0.5;
  raw[0][1][3] = nan;
  CHECK_THROWS_AS(detect("o2m", raw), OutputError);
  CHECK_THROWS_AS(detect("o2m", torch::zeros({1, 7, 9})), OutputError);
}
