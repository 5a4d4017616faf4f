#include "runner/classify/classifier.h"

#include <catch2/catch.hpp>

#include "base/error.h"
#include "runner/classify/load.h"
#include "runner/nn/tensors.h"

using namespace lotse::runner;
using namespace lotse::runner::classify;

namespace {

int64_t count_of(const char* name, int64_t classes) {
  const Classifier shapes(nn::architecture(name, architectures()), classes, torch::kMeta);
  return nn::parameter_count(shapes);
}

}  // namespace

TEST_CASE("classifiers: parameters are those published", "[classifier]") {
  struct Known {
    const char* name;
    int64_t thousand, ten;
  };
  const auto known = GENERATE(
      Known{"yolov8n-cls", 2'719'288, 1'451'098}, Known{"yolov8x-cls", 57'422'840, 56'154'650},
      Known{"yolo11n-cls", 2'812'104, 1'543'914}, Known{"yolo26n-cls", 2'812'104, 1'543'914},
      Known{"yolo26s-cls", 6'724'008, 5'455'818}, Known{"yolo11x-cls", 29'637'064, 28'368'874},
      Known{"yolo26x-cls", 29'637'064, 28'368'874});
  INFO(known.name);
  CHECK(count_of(known.name, 1000) == known.thousand);
  CHECK(count_of(known.name, 10) == known.ten);
}

TEST_CASE("classifiers: parameters of each row", "[classifier]") {
  const auto of = [](const char* name) {
    std::vector<int64_t> rows;
    for (const auto& layer :
         Classifier(nn::architecture(name, architectures()), 10, torch::kMeta).layers())
      rows.push_back(layer.parameters);
    rows.pop_back();  // the head
    return rows;
  };
  const std::vector<int64_t> modern = {464,     4'672,  6'640,   36'992,  26'080,
                                       147'712, 87'040, 295'424, 346'112, 249'728};
  CHECK(of("yolo26n-cls") == modern);
  CHECK(of("yolo11n-cls") == modern);
  CHECK(of("yolov8n-cls") ==
        std::vector<int64_t>{464, 4'672, 7'360, 18'560, 49'664, 73'984, 197'632, 295'424, 460'288});
}

TEST_CASE("classifiers: names are those of checkpoints, fifteen of them", "[classifier]") {
  CHECK(architectures().size() == 15);
  const auto model = make_model("yolo26n-cls", 0, {"a", "b"});
  std::map<std::string, torch::Tensor> tensors;
  for (const auto& [name, tensor] : nn::state(*model.classifier)) tensors[name] = tensor;
  CHECK(tensors.at("model.0.conv.weight").size(0) == 16);
  CHECK(tensors.at("model.10.conv.conv.weight").size(0) == 1280);
  CHECK(tensors.count("model.10.conv.bn.running_var") == 1);
  CHECK(tensors.at("model.10.linear.weight").sizes() == torch::IntArrayRef({2, 1280}));
  CHECK(tensors.at("model.10.linear.bias").sizes() == torch::IntArrayRef({2}));
  CHECK(make_model("yolov8n-cls.yaml", 0).names.size() == 1000);
  CHECK_THROWS_WITH(make_model("yolo26m-clss", 0), Catch::Contains("yolo26m-clss"));
}

TEST_CASE("classifiers: a fresh one is the same for a seed, and takes any size", "[classifier]") {
  const torch::NoGradGuard no_gradients;
  auto first = make_model("yolo26n-cls", 3, {"a", "b", "c"});
  auto again = make_model("yolo26n-cls", 3, {"a", "b", "c"});
  auto other = make_model("yolo26n-cls", 4, {"a", "b", "c"});
  const auto images = torch::rand({2, 3, 64, 96});
  const auto logits = first.classifier->forward(images);
  CHECK(logits.sizes() == torch::IntArrayRef({2, 3}));
  CHECK(torch::equal(logits, again.classifier->forward(images)));
  CHECK_FALSE(torch::equal(logits, other.classifier->forward(images)));
  first.classifier->fuse();
  CHECK(torch::allclose(first.classifier->forward(images), logits, 1e-4, 1e-5));
}
