#include "runner/classify/load.h"

#include <catch2/catch.hpp>

#include "base/error.h"
#include "base/files.h"
#include "runner/classify/model.h"
#include "runner/detect/load.h"
#include "runner/nn/tensors.h"

using namespace lotse;
using namespace lotse::runner;
using namespace lotse::runner::classify;

namespace {

std::string problem_of(const std::string& file) {
  try {
    load_model(task::read_source(file));
  } catch (const base::Error& error) {
    return std::string(error.what()) + " " + error.hint();
  }
  return "";
}

}  // namespace

TEST_CASE("classifiers: saved weights come back the same", "[load]") {
  const base::TemporaryFolder folder;
  const auto path = folder.path() / "w.safetensors";
  const auto model = make_model("yolo11n-cls", 5, {"cat", "dog"});
  save_weights(*model.classifier, model.names, path, {{"imgsz", "64"}});
  const auto source = task::read_source(path.string());
  CHECK(source.task() == "classify");
  CHECK(is_classifier(source));
  CHECK(task::side_for(source, 0, 224) == 64);
  CHECK(task::side_for(source, 96, 224) == 96);
  const auto loaded = load_model(source);
  CHECK(loaded.names == model.names);
  CHECK(loaded.transferred == loaded.tensors);
  // YOLO26's has the same shapes.
  CHECK(loaded.classifier->architecture().name == "yolo11n-cls");
  const auto a = nn::state(*model.classifier), b = nn::state(*loaded.classifier);
  REQUIRE(a.size() == b.size());
  for (size_t i = 0; i < a.size(); ++i) CHECK(torch::equal(a[i].second, b[i].second));
}

TEST_CASE("classifiers: for other classes the last layer is fresh", "[load]") {
  const base::TemporaryFolder folder;
  const auto path = folder.path() / "w.safetensors";
  const auto model = make_model("yolov8n-cls", 5, {"cat", "dog"});
  save_weights(*model.classifier, model.names, path);
  const auto other =
      load_model(task::read_source(path.string()), 9, std::vector<std::string>{"a", "b", "c"});
  CHECK(other.classifier->classes() == 3);
  CHECK(other.transferred == other.tensors - 2);
}

TEST_CASE("classifiers: files of others, told by their tensors", "[load]") {
  const base::TemporaryFolder folder;
  const auto path = (folder.path() / "w.safetensors").string();
  const auto model = make_model("yolo26n-cls", 5, {"cat", "dog"});
  nn::write_tensors(path, nn::state(*model.classifier));
  CHECK(is_classifier(task::read_source(path)));
  CHECK(load_model(task::read_source(path)).names == std::vector<std::string>{"0", "1"});
  auto tensors = nn::state(*model.classifier);
  tensors.erase(tensors.begin() + 40);
  nn::write_tensors(path, tensors);
  CHECK_THAT(problem_of(path), Catch::Contains("is none of the classifiers known here") &&
                                   Catch::Contains("closest is yolo26n-cls"));
  const auto detector = detect::make_model("yolo26n", 0, {"a"});
  nn::write_tensors(path, nn::state(*detector.detector));
  CHECK_FALSE(is_classifier(task::read_source(path)));
  CHECK_THAT(problem_of(path), Catch::Contains("holds no classifier"));
}
