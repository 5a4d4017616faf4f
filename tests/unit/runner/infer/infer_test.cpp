#include <catch2/catch.hpp>
#include <fstream>
#include <limits>

#include "base/error.h"
#include "base/files.h"
#include "runner/infer/predictor.h"
#include "runner/infer/sources.h"
#include "runner/infer/timing.h"

using namespace lotse;
using namespace lotse::runner::infer;
using Catch::Matchers::Contains;

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
class Lying : public Engine {
 public:
  Lying(const std::string& head, torch::Tensor output) : output_(std::move(output)) {
    info_.head = head;
    info_.names = {"cat", "dog"};
  }
  torch::Tensor forward(const torch::Tensor& /*images*/) override { return output_; }

 private:
  torch::Tensor output_;
};

}  // namespace

TEST_CASE("files, folders and globs name pictures") {
  const base::TemporaryFolder folder;
  for (const auto* name : {"b.jpg", "a.PNG", "c.webp", "notes.txt", "._b.jpg"})
    std::ofstream(folder.path() / name) << "x";
  const auto all = find_pictures({folder.path().string()});
  REQUIRE(all.size() == 3);
  CHECK(all[0].filename() == "a.PNG");
  CHECK(find_pictures({(folder.path() / "*.jpg").string()}).size() == 1);
  CHECK(find_pictures({(folder.path() / "notes.txt").string()}).size() == 1);
  try {
    find_pictures({"/not/there.jpg", (folder.path() / "*.gif").string()});
    FAIL("no error");
  } catch (const base::Error& error) {
    CHECK(error.kind() == base::ErrorKind::invalid);
    CHECK(error.diagnostics().size() == 2);
  }
}

TEST_CASE("a picture's boxes do not depend on the pictures beside it") {
  WeightsEngine engine({"yolo26n", 96, 3});
  runner::detect::Selection all;
  all.confidence = 0;
  all.max_detections = 5;
  Predictor predictor(engine, all);
  const auto wide = noise(96, 64, 1);
  const auto other = noise(96, 64, 2);
  const auto tall = noise(50, 90, 3);
  const auto together = predictor.predict({&wide, &other, &tall});
  REQUIRE(together.size() == 3);
  const auto alone = predictor.predict({&other}).at(0);
  REQUIRE(alone.size() == 5);
  for (size_t i = 0; i < alone.size(); ++i) {
    CHECK(alone[i].confidence == Approx(together[1][i].confidence).epsilon(1e-4));
    for (const float side : together[2][i].box) CHECK((side >= 0 && side <= 90));
  }
}

TEST_CASE("heads and precisions that cannot be are refused") {
  const auto refused = [](EngineOptions options) {
    options.imgsz = options.imgsz == 640 ? 64 : options.imgsz;
    CHECK_THROWS_AS(WeightsEngine(options), base::Error);
  };
  refused({"yolov8n", 64, 0, "o2o"});
  refused({"yolo26n", 64, 0, "auto", "fp16", "cpu"});
  refused({"yolo26n", 65});
  refused({"yolo99z"});
}

TEST_CASE("both heads and bf16 run") {
  const auto images = torch::rand({1, 3, 64, 64});
  CHECK(WeightsEngine({"yolo26n", 64}).forward(images).sizes() == torch::IntArrayRef({1, 84, 6}));
  CHECK(WeightsEngine({"yolo26n", 64, 0, "o2m"}).forward(images).sizes() ==
        torch::IntArrayRef({1, 84, 84}));
  const auto half = WeightsEngine({"yolo11n", 64, 0, "auto", "bf16"}).forward(images);
  CHECK(half.scalar_type() == torch::kFloat);
}

TEST_CASE("packed weights give what plain ones give, for pictures of any size") {
  torch::manual_seed(1);
  for (const auto* precision : {"fp32", "bf16"}) {
    INFO(precision);
    const EngineOptions options = {"yolo26n", 96, 3, "o2m", precision, "cpu"};
    WeightsEngine plain(options), packed(options);
    packed.pack();
    for (const auto& images : {torch::rand({1, 3, 96, 64}), torch::rand({3, 3, 64, 96})}) {
      const auto wanted = plain.forward(images);
      const auto got = packed.forward(images);
      const double tolerance = precision == std::string("fp32") ? 1e-4 : 5e-2;
      CHECK((wanted - got).abs().max().item<double>() <
            tolerance * wanted.abs().max().item<double>());
    }
  }
}

TEST_CASE("timings are ranked") {
  const auto timing = summarize({5, 1, 4, 2, 3, 10, 6, 7, 8, 9});
  CHECK(timing.fastest == 1);
  CHECK(timing.median == 5);
  CHECK(timing.p90 == 9);
  CHECK(summarize({7}).p90 == 7);
}

TEST_CASE("outputs that cannot be detections are refused") {
  const auto images = torch::zeros({1, 3, 64, 64});
  const auto detect = [&](const std::string& head, const torch::Tensor& output) {
    runner::detect::Selection all;
    all.confidence = 0;
    return Lying(head, output).detect(images, all);
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
