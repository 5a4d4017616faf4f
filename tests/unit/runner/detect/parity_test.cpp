// libtorch has a CHECK of its own: its headers come before Catch2's, so that Catch2's is the one.
#include "runner/detect/load.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/files.h"
#include "runner/nn/tensors.h"

// Numbers of the reference implementation, with weights, statistics and pictures filled from a hash
// on both sides. tests/parity/README.md says how they were made.

using namespace lotse::runner::detect;
using namespace lotse::runner::nn;
using nlohmann::json;
using torch::Tensor;

namespace {

/// The ranges of tests/parity/filled.py.
void fill(Detector& detector) {
  for (auto& [name, tensor] : state(detector)) {
    const auto last = name.substr(name.rfind('.') + 1);
    if (last == "num_batches_tracked" || name.find(".dfl.") != std::string::npos) continue;
    double low = -0.2;
    double high = 0.2;
    if (tensor.dim() == 4) {
      high = std::sqrt(6 / static_cast<double>(tensor[0].numel()));
      low = -high;
    } else if (last == "weight" || last == "running_var") {
      low = 0.5;
      high = 1.5;
    }
    fill_uniform(tensor, name, 0, low, high);
  }
}

void compare(const json& expected, const Tensor& given, double tolerance) {
  CHECK(given.sizes().vec() == expected["shape"].get<std::vector<int64_t>>());
  const auto flat = given.to(torch::kDouble).flatten();
  const auto largest = expected["largest"].get<double>();
  const auto near = [&](double value) {
    return Approx(value).margin(tolerance * largest).epsilon(0);
  };
  CHECK(flat.abs().max().item<double>() == near(largest));
  CHECK(flat.mean().item<double>() == near(expected["mean"].get<double>()));
  for (std::size_t i = 0; i < expected["at"].size(); ++i)
    CHECK(flat[expected["at"][i].get<int64_t>()].item<double>() ==
          near(expected["values"][i].get<double>()));
}

void compare(const json& expected, const std::string& head,
             const std::optional<HeadOutputs>& given) {
  if (!given) return;
  for (std::size_t level = 0; level < given->boxes.size(); ++level) {
    INFO(head << " level " << level);
    compare(expected[head + ".boxes." + std::to_string(level)], given->boxes[level], 1e-4);
    compare(expected[head + ".scores." + std::to_string(level)], given->scores[level], 1e-4);
  }
}

/// Centre and size, then scores, with the anchors last: the reference's order.
Tensor as_reference(const Decoded& decoded) {
  const auto low = decoded.boxes.slice(2, 0, 2);
  const auto high = decoded.boxes.slice(2, 2, 4);
  return torch::cat({(low + high) / 2, high - low, decoded.scores()}, 2).transpose(1, 2);
}

}  // namespace

TEST_CASE("outputs agree with the reference implementation", "[parity]") {
  const torch::NoGradGuard no_gradients;
  const auto* const name = GENERATE("yolo26n", "yolo11n", "yolov8n");
  const bool fused = GENERATE(false, true);
  INFO(name << (fused ? " fused" : ""));
  const auto fixture = json::parse(lotse::base::read_file("tests/parity/heads.json"))[name];
  Detector detector(architecture(name), 80);
  detector.initialize(0);
  fill(detector);
  detector.eval();
  if (fused) detector.fuse();
  auto images = torch::empty({2, 3, 128, 160});
  fill_uniform(images, "images", 0, 0, 1);
  const auto outputs = detector.forward(images);
  compare(fixture, "one_to_many", outputs.one_to_many);
  compare(fixture, "one_to_one", outputs.one_to_one);
  CHECK(outputs.one_to_one.has_value() == fixture.contains("one_to_one.boxes.0"));
  const auto decoded = decode(*outputs.one_to_many, detector.strides(), detector.reg_max());
  compare(fixture["one_to_many.decoded"], as_reference(decoded), 1e-4);
}
