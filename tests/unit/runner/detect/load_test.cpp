#include "runner/detect/load.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "base/error.h"
#include "base/files.h"
#include "runner/nn/blocks.h"
#include "runner/nn/tensors.h"
#include "unit/checkpoint/emitter.h"

using namespace lotse::runner::detect;
using namespace lotse::runner::nn;
using lotse::base::Error;
using lotse::test::ModelEmitter;
using lotse::test::TensorToWrite;

namespace {

/// The model as a .pt file with weights in half precision, as the field's tools leave it.
ModelEmitter emitted(const LoadedModel& model) {
  ModelEmitter emitter;
  emitter.names = model.names;
  for (const auto& named : model.detector->named_modules("", false)) {
    const auto* conv = dynamic_cast<const Conv*>(named.value().get());
    if (conv != nullptr && !conv->activates()) emitter.without_activation.push_back(named.key());
  }
  for (const auto& [name, tensor] : state(*model.detector)) {
    const bool whole = tensor.scalar_type() == torch::kLong;
    const auto half = (whole ? tensor : tensor.to(torch::kHalf)).contiguous();
    const std::string bytes(static_cast<const char*>(half.data_ptr()), half.nbytes());
    emitter.tensors.push_back({name,
                               whole ? "LongStorage" : "HalfStorage",
                               whole ? 8u : 2u,
                               half.sizes().vec(),
                               bytes,
                               {},
                               0,
                               !whole});
  }
  return emitter;
}

std::string problem(const std::string& model) {
  try {
    load_model(model);
  } catch (const Error& error) {
    return std::string(error.what()) + " " + error.hint();
  }
  return "";
}

}  // namespace

TEST_CASE("saved weights come back the same", "[load]") {
  const lotse::base::TemporaryFolder folder;
  const auto path = folder.path() / "w.safetensors";
  const auto model = make_model("yolo26n", 5, {"cat", "dog"});
  save_weights(*model.detector, model.names, path, {{"epoch", "3"}});
  const auto loaded = load_model(path.string());
  CHECK(loaded.names == model.names);
  CHECK(loaded.detector->architecture().name == "yolo26n");
  CHECK(loaded.metadata["epoch"] == "3");
  CHECK(loaded.metadata["architecture"] == "yolo26n");
  CHECK(loaded.transferred == loaded.tensors);
  CHECK_FALSE(loaded.fresh);
  const auto a = state(*model.detector);
  const auto b = state(*loaded.detector);
  bool all_equal = a.size() == b.size();
  for (std::size_t i = 0; i < a.size(); ++i)
    all_equal = all_equal && a[i].first == b[i].first && torch::equal(a[i].second, b[i].second);
  CHECK(all_equal);
}

TEST_CASE("a .pt file's architecture is told from its shapes, halves become floats", "[load]") {
  const auto* const name = GENERATE("yolo26n", "yolo11n", "yolov8n", "yolo11s");
  INFO(name);
  const lotse::base::TemporaryFolder folder;
  const auto path = folder.path() / "best.pt";
  const auto model = make_model(name, 5, {"cat", "dog", "cow"});
  lotse::base::write_file_atomic(path, emitted(model).file());
  const auto loaded = load_model(path.string());
  CHECK(loaded.detector->architecture().name == name);
  CHECK(loaded.names == model.names);
  const auto weight = state(*loaded.detector)[0].second;
  CHECK(weight.scalar_type() == torch::kFloat);
  CHECK(torch::equal(weight, state(*model.detector)[0].second.to(torch::kHalf).to(torch::kFloat)));
}

TEST_CASE("for other classes the head is fresh and the rest is taken", "[load]") {
  const lotse::base::TemporaryFolder folder;
  const auto path = folder.path() / "w.safetensors";
  const auto model = make_model("yolo26n", 5, {"cat", "dog"});
  save_weights(*model.detector, model.names, path);
  const auto other = load_model(path.string(), 9, std::vector<std::string>{"a", "b", "c"});
  CHECK(other.detector->classes() == 3);
  CHECK(other.transferred == other.tensors - 12);  // weight and bias, three levels, two heads
  CHECK(torch::equal(state(*other.detector)[0].second, state(*model.detector)[0].second));
  const auto renamed = load_model(path.string(), 9, std::vector<std::string>{"x", "y"});
  CHECK(renamed.names == std::vector<std::string>{"x", "y"});
  CHECK(renamed.transferred == renamed.tensors);
}

TEST_CASE("files that hold something else are refused", "[load]") {
  const lotse::base::TemporaryFolder folder;
  const auto path = (folder.path() / "w.safetensors").string();
  CHECK_THAT(problem("/no/such/weights.pt"), Catch::Contains("no such file"));
  CHECK_THAT(problem("yolo26z"), Catch::Contains("yolo26"));
  write_tensors(path, {{"a", torch::zeros({2})}});
  CHECK_THAT(problem(path), Catch::Contains("no detector"));
  auto model = make_model("yolo26n", 0, {"a"});
  auto tensors = state(*model.detector);
  SECTION("a tensor is missing") {
    tensors.erase(tensors.begin() + 40);
    write_tensors(path, tensors);
    CHECK_THAT(problem(path), Catch::Contains("closest is yolo26n"));
  }
  SECTION("a tensor has another shape") {
    tensors[40].second = torch::zeros({1, 2});
    write_tensors(path, tensors);
    CHECK_THAT(problem(path), Catch::Contains("closest is yolo26n"));
  }
  SECTION("the model was fused") {
    model.detector->fuse();
    CHECK_THROWS_AS(save_weights(*model.detector, model.names, path), Error);
    write_tensors(path, state(*model.detector));
    CHECK_THAT(problem(path), Catch::Contains("not fused"));
  }
}

TEST_CASE("bins that are not 0 to 15 are refused", "[load]") {
  const lotse::base::TemporaryFolder folder;
  const auto path = (folder.path() / "w.safetensors").string();
  const auto model = make_model("yolov8n", 0, {"a"});
  auto tensors = state(*model.detector);
  const auto write_with = [&](double more) {
    for (auto& [name, tensor] : tensors)
      if (name.find("dfl") != std::string::npos)
        tensor = torch::arange(16, torch::kFloat).view({1, 16, 1, 1}) + more;
    write_tensors(path, tensors);
  };
  write_with(1);
  CHECK_THAT(problem(path), Catch::Contains("dfl"));
  write_with(1e-6);  // as an average of many steps has them
  CHECK_NOTHROW(load_model(path));
}

TEST_CASE("tensors of every type and layout go through a file", "[load]") {
  const lotse::base::TemporaryFolder folder;
  const auto path = folder.path() / "t.safetensors";
  const auto turned = torch::arange(6, torch::kFloat).view({2, 3}).t();
  write_tensors(path,
                {{"turned", turned},
                 {"half", torch::ones({3}, torch::kHalf)},
                 {"bf16", torch::ones({3}, torch::kBFloat16)},
                 {"long", torch::tensor(int64_t{1} << 40)},
                 {"bool", torch::tensor({true, false})}},
                {{"k", "v"}});
  const auto file = read_tensors(path);
  CHECK(file.metadata.at("k") == "v");
  CHECK(torch::equal(file.tensors.at("turned"), turned));
  CHECK(file.tensors.at("bf16").scalar_type() == torch::kBFloat16);
  CHECK(file.tensors.at("long").item<int64_t>() == int64_t{1} << 40);
  CHECK(file.tensors.at("bool").scalar_type() == torch::kBool);
}

namespace {

/// A .pt file whose modules have an activation, and what comes of loading it.
struct WithActivation {
  WithActivation() {
    const torch::NoGradGuard no_gradients;
    // Fresh weights let a signal fade from layer to layer, and with it the difference that an
    // activation makes.
    for (auto& [name, tensor] : state(*model.detector)) {
      if (tensor.dim() == 4) tensor.mul_(2.4);
    }
    file = emitted(model);
  }
  LoadedModel load(const std::string& name, const std::map<std::string, double>& settings = {}) {
    file.activation = name;
    file.activation_settings = settings;
    lotse::base::write_file_atomic(path, file.file());
    return load_model(path);
  }

  lotse::base::TemporaryFolder folder;
  std::string path = (folder.path() / "best.pt").string();
  LoadedModel model = make_model("yolo26n", 5, {"cat", "dog"});
  ModelEmitter file;
};

}  // namespace

TEST_CASE("the activation is the checkpoint's own, and goes on into our files", "[load]") {
  WithActivation with;
  const auto own = (with.folder.path() / "own.safetensors").string();
  torch::manual_seed(1);
  const auto images = torch::rand({1, 3, 64, 64});
  const auto outputs = [&](Detector& detector) {
    const torch::NoGradGuard no_gradients;
    return detector.forward(images, Heads::one_to_many).one_to_many->scores[0].clone();
  };
  /// How far apart, in parts of how much the values differ among themselves.
  const auto apart = [](const torch::Tensor& a, const torch::Tensor& b) {
    return ((a - b).abs().max() / (a.max() - a.min())).item<double>();
  };
  const auto silu = outputs(*with.load("SiLU").detector);
  CHECK(apart(silu, outputs(*with.model.detector)) < 0.05);  // halves
  for (const auto& [name, settings] :
       std::vector<std::pair<std::string, std::map<std::string, double>>>{
           {"ReLU", {}}, {"LeakyReLU", {{"negative_slope", 0.1}}}, {"Hardswish", {}}}) {
    INFO(name);
    const auto loaded = with.load(name, settings);
    const auto found = outputs(*loaded.detector);
    CHECK(apart(found, silu) > 0.1);
    save_weights(*loaded.detector, loaded.names, own);
    const auto again = load_model(own);
    CHECK(again.detector->activation() == loaded.detector->activation());
    CHECK(torch::equal(outputs(*again.detector), found));
    // Packed weights have some activations in the same pass.
    loaded.detector->fuse();
    to_channels_last(*loaded.detector);
    pack(*loaded.detector);
    CHECK(apart(found, outputs(*loaded.detector)) < 1e-3);
  }
}

TEST_CASE("activations, by hand", "[load]") {
  const auto x = torch::tensor({-2.F, 3.F, 9.F});
  const auto check = [&](const std::string& text, const std::vector<float>& wanted) {
    INFO(text);
    const auto activation = parse_activation(text);
    REQUIRE(activation);
    CHECK(parse_activation(to_text(*activation)) == activation);
    CHECK(torch::allclose(activate(x, *activation), torch::tensor(wanted)));
    const torch::NoGradGuard in_place;
    CHECK(torch::allclose(activate(x.clone(), *activation), torch::tensor(wanted)));
  };
  const auto e = [](float value) { return std::exp(value); };
  check("ReLU", {0, 3, 9});
  check("LeakyReLU(negative_slope=0.1)", {-0.2F, 3, 9});
  check("LeakyReLU", {-0.02F, 3, 9});
  check("ReLU6(max_val=6,min_val=0)", {0, 3, 6});
  check("Hardswish", {-2.F / 6, 3, 9});
  check("ELU(alpha=2)", {2 * std::expm1(-2.F), 3, 9});
  check("SiLU", {-2 / (1 + e(2)), 3 / (1 + e(-3)), 9 / (1 + e(-9))});
  check("Sigmoid", {1 / (1 + e(2)), 1 / (1 + e(-3)), 1 / (1 + e(-9))});
  check("Tanh", {std::tanh(-2.F), std::tanh(3.F), std::tanh(9.F)});
  check("Mish", {-2 * std::tanh(std::log1p(e(-2))), 3 * std::tanh(std::log1p(e(3))),
                 9 * std::tanh(std::log1p(e(9)))});
  check("GELU(approximate=none)",
        {-2 * std::erfc(std::sqrt(2.F)) / 2, 3 * std::erfc(-3 / std::sqrt(2.F)) / 2, 9});
  CHECK_FALSE(parse_activation("GELU(approximate=tanh)"));
  for (const auto* value : {"=", "=x", "=0.1x", "=nan", ""})
    CHECK_FALSE(parse_activation(std::string("LeakyReLU(negative_slope") + value + ")"));
}

TEST_CASE("an activation that cannot be taken over is refused by name", "[load]") {
  WithActivation with;
  SECTION("one that is not known") {
    with.file.activation_module = "mine";
    CHECK_THROWS_WITH(with.load("Swish"),
                      Catch::Contains(with.path) && Catch::Contains("mine.Swish is not known"));
  }
  SECTION("settings that are not known") {
    CHECK_THROWS_WITH(with.load("ReLU6", {{"max_val", 7}}), Catch::Contains("ReLU6(max_val=7)"));
  }
  SECTION("none where the architecture has one") {
    with.file.without_activation.push_back("model.0");
    CHECK_THROWS_WITH(with.load("SiLU"), Catch::Contains("'model.0' has the activation Identity"));
  }
}

TEST_CASE("prefixes of wrappers are taken off", "[load]") {
  const lotse::base::TemporaryFolder folder;
  const auto path = (folder.path() / "w.safetensors").string();
  const auto model = make_model("yolo26n", 5, {"cat", "dog"});
  const auto* const prefix =
      GENERATE("", "model.", "module.", "_orig_mod.", "module._orig_mod.model.");
  INFO(prefix);
  auto tensors = state(*model.detector);
  for (auto& [name, tensor] : tensors) name = prefix + name;
  write_tensors(path, tensors);
  const auto loaded = load_model(path);
  CHECK(loaded.transferred == loaded.tensors);
  CHECK(torch::equal(state(*loaded.detector)[0].second, state(*model.detector)[0].second));
}

TEST_CASE("weights that cannot find boxes are refused with the reason", "[load]") {
  const lotse::base::TemporaryFolder folder;
  const auto path = (folder.path() / "w.safetensors").string();
  const auto model = make_model("yolo26n", 5, {"cat", "dog"});
  auto tensors = state(*model.detector);
  SECTION("values that are not finite") {
    const auto value =
        GENERATE(std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity());
    for (auto& [name, tensor] : tensors) {
      if (name == "model.5.conv.weight") {
        tensor = tensor.detach().clone();
        tensor[0][0][0][0] = value;
      }
    }
    write_tensors(path, tensors);
    CHECK_THAT(
        problem(path),
        Catch::Contains("w.safetensors: tensor 'model.5.conv.weight' holds values that are"));
  }
  SECTION("grayscale") {
    for (auto& [name, tensor] : tensors) {
      if (name == "model.0.conv.weight") tensor = tensor.slice(1, 0, 1).contiguous();
    }
    write_tensors(path, tensors);
    CHECK_THAT(problem(path), Catch::Contains("takes pictures of 1 channel (grayscale)"));
  }
  SECTION("oriented boxes, by class or by the branch of angles") {
    auto file = emitted(model);
    file.type = "OBBModel";
    lotse::base::write_file_atomic(path, file.file());
    CHECK_THAT(problem(path), Catch::Contains("oriented boxes"));
    tensors.emplace_back("model.23.cv4.0.2.bias", torch::zeros({1}));
    write_tensors(path, tensors);
    CHECK_THAT(problem(path), Catch::Contains("oriented boxes"));
  }
  SECTION("masks and keypoints are beside the boxes") {
    tensors.emplace_back("model.23.cv4.0.2.bias", torch::zeros({51}));
    write_tensors(path, tensors);
    CHECK(load_model(path).task == "pose");
    tensors.emplace_back("model.23.proto.cv1.conv.weight", torch::zeros({8, 8, 1, 1}));
    write_tensors(path, tensors);
    CHECK(load_model(path).task == "segment");
  }
}
