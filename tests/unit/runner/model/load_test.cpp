#include "runner/model/load.h"

#include <catch2/catch.hpp>

#include "base/error.h"
#include "base/files.h"
#include "runner/model/tensors.h"
#include "unit/checkpoint/emitter.h"

using namespace lotse::runner::model;
using lotse::base::Error;
using lotse::test::ModelEmitter;
using lotse::test::TensorToWrite;

namespace {

/// The model as a .pt file with weights in half precision, as the field's tools leave it.
ModelEmitter emitted(const LoadedModel& model) {
  ModelEmitter emitter;
  emitter.names = model.names;
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
  for (auto& [name, tensor] : tensors) {
    if (name.find("dfl") != std::string::npos) tensor = tensor + 1;
  }
  write_tensors(path, tensors);
  CHECK_THAT(problem(path), Catch::Contains("dfl"));
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
