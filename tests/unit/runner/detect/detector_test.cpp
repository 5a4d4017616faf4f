#include "runner/detect/detector.h"

#include <catch2/catch.hpp>
#include <set>

#include "base/error.h"
#include "runner/detect/load.h"
#include "runner/nn/tensors.h"

using namespace lotse::runner::detect;
using namespace lotse::runner::nn;
using torch::Tensor;

namespace {

struct Count {
  const char* name;
  int64_t parameters;
  int64_t fused_end_to_end = 0;
};

// Published, or counted from the published architecture; see the project's notes on the families.
const Count counts[] = {{"yolo26n", 2'572'280, 2'408'932},
                        {"yolo26s", 10'009'784, 9'496'140},
                        {"yolo26m", 21'896'248, 20'411'132},
                        {"yolo26l", 26'299'704, 24'807'420},
                        {"yolo26x", 58'993'368, 55'725'948},
                        {"yolo11n", 2'624'080},
                        {"yolo11s", 9'458'752},
                        {"yolo11m", 20'114'688},
                        {"yolo11l", 25'372'160},
                        {"yolo11x", 56'966'176},
                        {"yolov8n", 3'157'200},
                        {"yolov8s", 11'166'560},
                        {"yolov8m", 25'902'640},
                        {"yolov8l", 43'691'520},
                        {"yolov8x", 68'229'648}};

float largest_difference(const Tensor& a, const Tensor& b) {
  return (a - b).abs().max().item<float>() / b.abs().max().item<float>();
}

Tensor image(int64_t height = 64, int64_t width = 96) {
  auto result = torch::empty({1, 3, height, width});
  fill_uniform(result, "image", 0, 0, 1);
  return result;
}

}  // namespace

TEST_CASE("each of the fifteen has exactly its published number of parameters", "[detector]") {
  REQUIRE(architectures().size() == std::size(counts));
  for (const auto& one : counts) {
    INFO(one.name);
    Detector detector(architecture(one.name), 80, torch::kMeta);
    CHECK(detector.parameter_count() == one.parameters);
    if (one.fused_end_to_end == 0) continue;
    detector.fuse();
    detector.keep_head(Heads::one_to_one);
    CHECK(detector.parameter_count() == one.fused_end_to_end);
  }
}

TEST_CASE("state has as many tensors and elements as the published files", "[detector]") {
  const auto of = [](const char* name) {
    const Detector detector(architecture(name), 80, torch::kMeta);
    const auto tensors = state(detector);
    int64_t elements = 0;
    std::set<std::string> names;
    for (const auto& [key, tensor] : tensors) {
      elements += tensor.numel();
      names.insert(key);
    }
    CHECK(names.size() == tensors.size());
    return std::pair(static_cast<int64_t>(tensors.size()), elements);
  };
  CHECK(of("yolo26n") == std::pair<int64_t, int64_t>(708, 2'591'962));
  CHECK(of("yolov8n") == std::pair<int64_t, int64_t>(355, 3'167'849));
}

TEST_CASE("names are those of checkpoints", "[detector]") {
  const Detector detector(architecture("yolo26n"), 80, torch::kMeta);
  std::set<std::string> names;
  for (const auto& [name, tensor] : state(detector)) names.insert(name);
  for (const char* name :
       {"model.0.conv.weight", "model.0.bn.num_batches_tracked", "model.2.m.0.cv1.conv.weight",
        "model.6.m.0.m.1.cv2.bn.bias", "model.6.m.0.cv3.conv.weight", "model.9.cv2.bn.running_var",
        "model.10.m.0.attn.qkv.conv.weight", "model.10.m.0.ffn.1.bn.weight",
        "model.22.m.0.0.cv1.conv.weight", "model.22.m.0.1.attn.pe.conv.weight",
        "model.23.cv2.0.0.conv.weight", "model.23.cv2.2.2.bias", "model.23.cv3.0.0.1.conv.weight",
        "model.23.one2one_cv3.2.2.bias"}) {
    INFO(name);
    CHECK(names.count(name) == 1);
  }
}

TEST_CASE("fresh weights depend on the seed alone", "[detector]") {
  const auto first = make_model("yolo26n", 1);
  torch::rand({7});
  const auto again = make_model("yolo26n", 1);
  const auto other = make_model("yolo26n", 2);
  const auto a = state(*first.detector);
  const auto b = state(*again.detector);
  bool all_equal = true;
  for (std::size_t i = 0; i < a.size(); ++i)
    all_equal = all_equal && torch::equal(a[i].second, b[i].second);
  CHECK(all_equal);
  CHECK_FALSE(torch::equal(a[0].second, state(*other.detector)[0].second));
  const auto weight = a[0].second;
  const double bound = 1 / std::sqrt(27.0);
  CHECK(weight.abs().max().item<double>() <= bound);
  CHECK(weight.std().item<double>() == Approx(bound / std::sqrt(3.0)).epsilon(0.1));
}

TEST_CASE("the heads' biases begin at the prior", "[detector]") {
  const auto model = make_model("yolo26n", 0);
  for (const auto& [name, tensor] : state(*model.detector)) {
    if (name.find("cv2.1.2.bias") != std::string::npos)
      CHECK(torch::equal(tensor, torch::full_like(tensor, 2)));
    if (name.find("cv3.1.2.bias") != std::string::npos)
      CHECK(tensor[5].item<double>() == Approx(std::log(5.0 / 80 / 1600)));
  }
}

TEST_CASE("hash-filled values are the documented ones", "[detector]") {
  // Computed from the formula in tensors.h, with Python's integers.
  auto tensor = torch::empty({4});
  fill_uniform(tensor, "model.0.conv.weight", 0, 0, 1);
  const auto expected = torch::tensor(
      {0.9074823260307312f, 0.3342902660369873f, 0.7063769102096558f, 0.48780280351638794f});
  CHECK(torch::equal(tensor, expected));
}

TEST_CASE("outputs have a level for each stride and only the heads asked for", "[detector]") {
  const torch::NoGradGuard no_gradients;
  const auto model = make_model("yolo26n", 0, {"a", "b", "c"});
  auto& detector = *model.detector;
  const auto both = detector.forward(image());
  REQUIRE(both.one_to_many);
  REQUIRE(both.one_to_one);
  for (int level = 0; level < 3; ++level) {
    const int64_t stride = detector.strides()[level];
    CHECK(both.one_to_one->boxes[level].sizes() ==
          torch::IntArrayRef({1, 4, 64 / stride, 96 / stride}));
    CHECK(both.one_to_one->scores[level].sizes() ==
          torch::IntArrayRef({1, 3, 64 / stride, 96 / stride}));
  }
  const auto one = detector.forward(image(), Heads::one_to_one);
  CHECK_FALSE(one.one_to_many);
  CHECK(torch::equal(one.one_to_one->boxes[2], both.one_to_one->boxes[2]));
  const auto many = detector.forward(image(), Heads::one_to_many);
  CHECK_FALSE(many.one_to_one);
  const auto legacy = make_model("yolov8n", 0, {"a"});
  CHECK_FALSE(legacy.detector->forward(image()).one_to_one);
  CHECK(legacy.detector->forward(image()).one_to_many->boxes[0].size(1) == 64);
  CHECK_THROWS_AS(legacy.detector->forward(image(), Heads::one_to_one), lotse::base::Error);
}

TEST_CASE("folding batch norm and channels-last change nothing but rounding", "[detector]") {
  const torch::NoGradGuard no_gradients;
  const auto* const name = GENERATE("yolo26n", "yolo11n", "yolov8n");
  INFO(name);
  const auto model = make_model(name, 3, {"a", "b"});
  for (auto& [key, tensor] : state(*model.detector)) {  // statistics that matter
    if (key.find("running_var") != std::string::npos) fill_uniform(tensor, key, 0, 0.02, 0.2);
    if (key.find("running_mean") != std::string::npos) fill_uniform(tensor, key, 0, -0.1, 0.1);
  }
  const auto before = *model.detector->forward(image()).one_to_many;
  model.detector->fuse();
  const auto fused = *model.detector->forward(image()).one_to_many;
  to_channels_last(*model.detector);
  const auto turned =
      *model.detector->forward(image().contiguous(torch::MemoryFormat::ChannelsLast)).one_to_many;
  for (int level = 0; level < 3; ++level) {
    CHECK(largest_difference(fused.boxes[level], before.boxes[level]) < 1e-4);
    CHECK(largest_difference(fused.scores[level], before.scores[level]) < 1e-4);
    CHECK(largest_difference(turned.scores[level], before.scores[level]) < 1e-4);
  }
}

TEST_CASE("the one-to-one head sends no gradient into the backbone", "[detector]") {
  const auto model = make_model("yolo26n", 0, {"a"});
  model.detector->train();
  const auto outputs = model.detector->forward(torch::cat({image(), image()}));
  const auto gradient_of = [&](const char* name) {
    return model.detector->named_parameters()[name].grad();
  };
  outputs.one_to_one->boxes[0].sum().backward();
  CHECK_FALSE(gradient_of("model.0.conv.weight").defined());
  CHECK(gradient_of("model.23.one2one_cv2.0.2.weight").defined());
  outputs.one_to_many->boxes[0].sum().backward();
  CHECK(gradient_of("model.0.conv.weight").abs().max().item<float>() > 0);
}

TEST_CASE("frozen batch norm keeps its statistics in training", "[detector]") {
  const torch::NoGradGuard no_gradients;
  const auto model = make_model("yolov8n", 0, {"a"});
  auto& detector = *model.detector;
  const auto mean = detector.named_buffers()["model.0.bn.running_mean"];
  detector.train();
  freeze_batch_norm(detector, true);
  detector.forward(image());
  CHECK(mean.abs().max().item<float>() == 0);
  freeze_batch_norm(detector, false);
  detector.forward(image());
  CHECK(mean.abs().max().item<float>() > 0);
  CHECK(detector.named_buffers()["model.0.bn.num_batches_tracked"].item<int64_t>() == 1);
}

TEST_CASE("decoding puts boxes around the centres of cells", "[detector]") {
  // One level of 1 x 2 cells at stride 8, distances 1, 2, 3, 4 cells.
  const auto distances =
      torch::tensor({1.f, 2.f, 3.f, 4.f}).view({1, 4, 1, 1}).expand({1, 4, 1, 2});
  const auto logits = torch::zeros({1, 1, 1, 2});
  const auto decoded = decode({{distances}, {logits}}, {8}, 1);
  const auto expected = torch::tensor({{-4.f, -12.f, 28.f, 36.f}, {4.f, -12.f, 36.f, 36.f}});
  CHECK(torch::allclose(decoded.boxes[0], expected));
  CHECK(torch::allclose(decoded.scores(), torch::full({1, 2, 1}, 0.5)));
}

TEST_CASE("decoding takes the expectation over bins", "[detector]") {
  auto logits = torch::full({1, 4, 16, 1}, -1e4);
  for (int side = 0; side < 4; ++side) {  // half in bin `side`, half in the next: side + 0.5
    logits[0][side][side] = 0;
    logits[0][side][side + 1] = 0;
  }
  const auto boxes = logits.view({1, 64, 1, 1});
  const auto decoded = decode({{boxes}, {torch::zeros({1, 1, 1, 1})}}, {2}, 16);
  CHECK(torch::allclose(decoded.boxes[0][0], torch::tensor({0.f, -2.f, 6.f, 8.f})));
}

TEST_CASE("an architecture's name may be mistyped", "[detector]") {
  CHECK(architecture("YOLO26n.yaml").name == "yolo26n");
  try {
    architecture("yolo26m6");
    FAIL();
  } catch (const lotse::base::Error& error) {
    CHECK_THAT(error.hint(), Catch::Contains("yolo26m"));
  }
}
