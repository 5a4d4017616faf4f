#include <torch/script.h>

#include <catch2/catch.hpp>

#include "../models.h"
#include "base/error.h"
#include "base/files.h"
#include "runner/export/torchscript.h"
#include "runner/infer/torchscript.h"

using namespace lotse;
using namespace lotse::runner;
using namespace lotse::runner::infer;
using runner::detect::Detection;
using runner::detect::Selection;

namespace {

Selection everything() {
  Selection selection;
  selection.confidence = 0;
  selection.max_detections = 20;
  return selection;
}

void check_same(const std::vector<Detection>& a, const std::vector<Detection>& b) {
  REQUIRE(a.size() == b.size());
  for (size_t i = 0; i < a.size(); ++i) {
    CHECK(a[i].class_id == b[i].class_id);
    CHECK(a[i].confidence == Approx(b[i].confidence).epsilon(1e-4));
    for (size_t k = 0; k < 4; ++k) CHECK(a[i].box[k] == Approx(b[i].box[k]).margin(1e-2));
  }
}

}  // namespace

TEST_CASE("an exported model gives the same detections") {
  const base::TemporaryFolder folder;
  const std::pair<const char*, const char*> models[] = {
      {"yolo26n", "o2o"}, {"yolo26n", "o2m"}, {"yolo11n", "o2m"}, {"yolov8n", "o2m"}};
  for (const auto& [model, head] : models) {
    INFO(model << " " << head);
    const auto engine = detector(engine_options(model, 64, 5, head));
    const auto file = (folder.path() / "model.torchscript").string();
    exporting::write_torchscript(*engine, 2, file);
    REQUIRE(is_torchscript(file));
    const auto exported = detector(engine_options(file));
    CHECK(exported->info().exported);
    CHECK(exported->info().architecture == model);
    CHECK(to_text(exported->head()) == std::string(head));
    CHECK(exported->imgsz() == 64);
    CHECK(exported->names().size() == 80);
    torch::manual_seed(3);
    const auto images = torch::rand({3, 3, 64, 64});  // more than one batch, less than two
    const auto ours = engine->detect(images, everything());
    const auto theirs = exported->detect(images, everything());
    REQUIRE(theirs.size() == 3);
    for (size_t i = 0; i < 3; ++i) check_same(ours[i], theirs[i]);
    CHECK_THROWS_AS(exported->detect(torch::rand({1, 3, 96, 64}), everything()), base::Error);
  }
}

TEST_CASE("a file exported on another device runs on this one") {
  const base::TemporaryFolder folder;
  const auto here = (folder.path() / "here.torchscript").string();
  const auto engine = detector(engine_options("yolo26n", 64, 5));
  exporting::write_torchscript(*engine, 1, here);
  // The same file as a machine with a GPU writes it: with that device's name in the graph.
  torch::jit::ExtraFilesMap extra = {{task::export_metadata, ""}};
  auto module = torch::jit::load(here, torch::kCPU, extra);
  int renamed = 0;
  for (auto* node : module.get_method("forward").graph()->nodes()) {
    if (node->kind() != c10::prim::Constant || node->output()->type() != c10::DeviceObjType::get())
      continue;
    node->s_(c10::attr::value, "cuda:0");
    ++renamed;
  }
  CHECK(renamed > 0);
  const auto there = (folder.path() / "there.torchscript").string();
  module.save(there, extra);
  const auto images = torch::full({1, 3, 64, 64}, 0.3);
  const auto exported = detector(engine_options(there, 64));
  check_same(engine->detect(images, everything())[0], exported->detect(images, everything())[0]);
}

TEST_CASE("a file that is no export of ours is refused") {
  const base::TemporaryFolder folder;
  const auto foreign = (folder.path() / "foreign.torchscript").string();
  torch::jit::Module module("Other");
  module.define("def forward(self, x):\n    return x + 1\n");
  module.save(foreign);
  REQUIRE(is_torchscript(foreign));
  CHECK_THROWS_WITH(detector(engine_options(foreign)),
                    Catch::Matchers::Contains("does not say what it is"));

  const auto engine = detector(engine_options("yolo26n", 64));
  const auto file = (folder.path() / "model.torchscript").string();
  exporting::write_torchscript(*engine, 1, file);
  CHECK_THROWS_AS(detector(engine_options(file, 64, 0, "o2m")), base::Error);
  CHECK_THROWS_WITH(detector(engine_options(file, 128)),
                    Catch::Matchers::Contains("takes pictures of 64 px, not 128"));
  const auto bytes = base::read_file(file);
  // Without its beginning the directory at the end points nowhere.
  base::write_file_atomic(file, bytes.substr(bytes.size() / 2));
  CHECK_THROWS_AS(detector(engine_options(file)), base::Error);
  base::write_file_atomic(file, bytes.substr(0, bytes.size() / 2));
  CHECK_THROWS_AS(detector(engine_options(file)), base::Error);
}
