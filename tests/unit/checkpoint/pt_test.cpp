#include <catch2/catch.hpp>

#include "base/error.h"
#include "base/files.h"
#include "checkpoint/checkpoint.h"
#include "unit/checkpoint/emitter.h"

using namespace lotse::checkpoint;
using lotse::base::Error;
using lotse::test::bytes_of;
using lotse::test::ModelEmitter;

namespace {

ModelEmitter small_model() {
  ModelEmitter model;
  model.names = {"cat", "dog"};
  model.tensors = {
      {"model.0.conv.weight", "HalfStorage", 2, {2, 3}, std::string(12, '\x3c')},
      {"model.0.bn.running_mean",
       "FloatStorage",
       4,
       {2},
       bytes_of<float>({1.5f, -2.f}),
       {},
       0,
       false},
      {"model.0.bn.num_batches_tracked",
       "LongStorage",
       8,
       {},
       bytes_of<int64_t>({7}),
       {},
       0,
       false},
      {"model.1.m.0.weight", "BFloat16Storage", 2, {4}, std::string(8, '\x3f')},
  };
  return model;
}

Checkpoint read_bytes(const std::string& bytes) {
  const lotse::base::TemporaryFolder folder;
  const auto path = folder.path() / "weights.pt";
  lotse::base::write_file_atomic(path, bytes);
  return read(path);  // the mapping outlives the file's name
}

}  // namespace

TEST_CASE("a model's tensors come with state-dict names", "[pt]") {
  auto model = small_model();
  model.slot = GENERATE("model", "ema");
  const auto read = read_bytes(model.file());
  REQUIRE(read.tensors.size() == 4);
  CHECK(read.tensors[0].first == "model.0.conv.weight");
  CHECK(read.tensors[0].second.dtype == DType::f16);
  CHECK(read.tensors[0].second.shape == std::vector<int64_t>{2, 3});
  CHECK(read.tensors[0].second.bytes == std::string(12, '\x3c'));
  CHECK(read.tensors[1].first == "model.0.bn.running_mean");
  CHECK(read.tensors[1].second.bytes == bytes_of<float>({1.5f, -2.f}));
  CHECK(read.tensors[2].second.dtype == DType::i64);
  CHECK(read.tensors[2].second.shape.empty());
  CHECK(read.tensors[3].first == "model.1.m.0.weight");
  CHECK(read.tensors[3].second.dtype == DType::bf16);
}

TEST_CASE("plain metadata come along", "[pt]") {
  const auto read = read_bytes(small_model().file());
  CHECK(read.metadata["names"] == nlohmann::json({"cat", "dog"}));
  CHECK(read.metadata["epoch"] == -1);
  CHECK(read.metadata["train_args"]["lr0"] == 0.01);
  CHECK(read.metadata["train_args"]["amp"] == true);
  CHECK(read.metadata["train_args"]["big"] == 5'000'000'000);
  CHECK(read.metadata["version"] == "1.2.3");
}

TEST_CASE("a plain state dict is read too", "[pt]") {
  auto model = small_model();
  model.state_dict_only = true;
  const auto read = read_bytes(model.file());
  CHECK(read.tensors.size() == 4);
  CHECK(read.tensors[3].first == "model.1.m.0.weight");
}

TEST_CASE("strides and offsets are kept", "[pt]") {
  ModelEmitter model;
  model.tensors = {
      {"t", "FloatStorage", 4, {3, 2}, bytes_of<float>({9, 0, 1, 2, 3, 4, 5}), {1, 3}, 1, true}};
  const auto view = read_bytes(model.file()).tensors.at(0).second;
  CHECK(view.strides == std::vector<int64_t>{1, 3});
  CHECK_FALSE(view.contiguous());
  CHECK(view.bytes.size() == 6 * 4);
}

TEST_CASE("tensors stay readable after the file is gone", "[pt]") {
  const auto read = read_bytes(small_model().file());
  CHECK(read.tensors[1].second.bytes.substr(0, 4) == bytes_of<float>({1.5f}));
}

TEST_CASE("a file of another kind says what it is", "[pt]") {
  const auto hint = [](const std::string& bytes) {
    try {
      read_bytes(bytes);
    } catch (const Error& error) {
      return error.hint();
    }
    return std::string("read");
  };
  CHECK_THAT(hint("version https://git-lfs"), Catch::Contains("Git LFS"));
  CHECK_THAT(hint("<!DOCTYPE html>........"), Catch::Contains("web page"));
  CHECK_THAT(hint("\x80\x02\x8a\x0al\xfc"), Catch::Contains("newer"));
  CHECK_THAT(hint(""), Catch::Contains("Known are"));
  CHECK_THROWS_AS(read("/no/such/file.pt"), Error);
  CHECK_THROWS_AS(read("/tmp"), Error);
}

TEST_CASE("a run that was cut leaves settings, which are inert", "[pt]") {
  auto model = small_model();
  model.namespace_module = GENERATE("ultralytics.utils", "ultralytics.yolo.utils");
  INFO(model.namespace_module);
  CHECK(read_bytes(model.file()).tensors.size() == 4);
}

TEST_CASE("the activation beside a convolution comes along", "[pt]") {
  auto model = small_model();
  CHECK(read_bytes(model.file()).activations.empty());
  model.activation = "SiLU";
  CHECK(read_bytes(model.file()).activations.at("model.0") == "SiLU");
  model.activation = "LeakyReLU";
  model.activation_settings = {{"negative_slope", 0.1}};
  CHECK(read_bytes(model.file()).activations.at("model.0") == "LeakyReLU(negative_slope=0.1)");
  model.activation = "ReLU6";
  model.activation_settings = {{"min_val", 0}, {"max_val", 6}};
  CHECK(read_bytes(model.file()).activations.at("model.0") == "ReLU6(max_val=6,min_val=0)");
  model.without_activation = {"model.0"};
  CHECK(read_bytes(model.file()).activations.at("model.0") == "Identity");
  model.without_activation = {};
  model.activation_module = "mine";
  model.activation = "Swish";
  model.activation_settings = {};
  CHECK(read_bytes(model.file()).activations.at("model.0") == "mine.Swish");
}

TEST_CASE("the task is told from the classes", "[pt]") {
  auto model = small_model();
  CHECK_FALSE(read_bytes(model.file()).metadata.contains("task"));
  model.type = "OBBModel";
  CHECK(read_bytes(model.file()).metadata["task"] == "obb");
  model.type = "SegmentationModel";
  CHECK(read_bytes(model.file()).metadata["task"] == "segment");
  model.type = "Pose26";
  CHECK(read_bytes(model.file()).metadata["task"] == "pose");
}
