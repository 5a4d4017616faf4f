// libtorch has a CHECK of its own: its headers come before Catch2's, so that Catch2's is the one.
#include "runner/classify/load.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/files.h"
#include "runner/classify/pictures.h"
#include "runner/nn/tensors.h"

// Numbers of the reference implementation, with weights, statistics and pictures filled from a hash
// on both sides. tests/parity/README.md says how they were made.

using namespace lotse::runner;
using namespace lotse::runner::classify;
using nlohmann::json;
using torch::Tensor;

namespace {

/// The ranges of tests/parity/filled.py.
void fill_by_hash(const Classifier& classifier) {
  for (auto& [name, tensor] : nn::state(classifier)) {
    const auto last = name.substr(name.rfind('.') + 1);
    if (last == "num_batches_tracked") continue;
    double low = -0.2, high = 0.2;
    if (tensor.dim() >= 2) {
      high = std::sqrt(6 / static_cast<double>(tensor[0].numel()));
      low = -high;
    } else if (last == "weight" || last == "running_var") {
      low = 0.5;
      high = 1.5;
    }
    nn::fill_uniform(tensor, name, 0, low, high);
  }
}

void compare_with(const json& expected, const Tensor& given) {
  CHECK(given.sizes().vec() == expected["shape"].get<std::vector<int64_t>>());
  const auto flat = given.to(torch::kDouble).flatten();
  const auto largest = expected["largest"].get<double>();
  const auto near = [&](double value) { return Approx(value).margin(1e-4 * largest).epsilon(0); };
  CHECK(flat.abs().max().item<double>() == near(largest));
  CHECK(flat.mean().item<double>() == near(expected["mean"].get<double>()));
  for (std::size_t i = 0; i < expected["at"].size(); ++i)
    CHECK(flat[expected["at"][i].get<int64_t>()].item<double>() ==
          near(expected["values"][i].get<double>()));
}

/// As tests/parity/squares.py fills it.
media::Image picture_by_hash(int width, int height) {
  auto values = torch::empty({height, width, 3});
  nn::fill_uniform(values, lotse::base::cat("picture ", width, "x", height), 0, 0, 256);
  auto image = media::blank(width, height, 0);
  const auto bytes = values.to(torch::kUInt8).contiguous();
  std::copy_n(bytes.data_ptr<uint8_t>(), image.rgb.size(), image.rgb.begin());
  return image;
}

}  // namespace

TEST_CASE("classifiers: outputs agree with the reference implementation", "[parity]") {
  const torch::NoGradGuard no_gradients;
  const auto* const name = GENERATE("yolo26n-cls", "yolo11n-cls", "yolov8n-cls");
  const bool fused = GENERATE(false, true);
  INFO(name << (fused ? " fused" : ""));
  const auto fixture = json::parse(lotse::base::read_file("tests/parity/classes.json"))[name];
  Classifier classifier(nn::architecture(name, architectures()), 1000);
  classifier.initialize(0);
  fill_by_hash(classifier);
  classifier.eval();
  if (fused) classifier.fuse();
  auto images = torch::empty({2, 3, 128, 160});
  nn::fill_uniform(images, "images", 0, 0, 1);
  const auto logits = classifier.forward(images);
  compare_with(fixture["logits"], logits);
  compare_with(fixture["probabilities"], torch::softmax(logits, 1));
}

// Pillow goes down first where it holds that to be quicker: then a value may differ by one.
TEST_CASE("classifiers: a picture's square is the reference's", "[parity]") {
  for (const auto& one : json::parse(lotse::base::read_file("tests/parity/squares.json"))) {
    const int width = one["width"], height = one["height"], side = one["side"];
    INFO(width << "x" << height << " to " << side);
    const auto square = centre_square(picture_by_hash(width, height), side);
    REQUIRE(square.rgb.size() == static_cast<size_t>(side) * side * 3);
    int64_t sum = 0;
    for (const auto byte : square.rgb) sum += byte;
    const auto bytes = static_cast<int64_t>(square.rgb.size());
    CHECK(std::abs(sum - one["sum"].get<int64_t>()) <= bytes / 100);
    for (size_t i = 0; i < one["at"].size(); ++i)
      CHECK(std::abs(int{square.rgb[one["at"][i].get<size_t>()]} - one["values"][i].get<int>()) <=
            1);
  }
}
