// Two families in one list, of which one has nothing to do with pictures: each mode finds the one
// that a model is of, and needs no more of it than the port has.
#include "runner/task/family.h"

#include <catch2/catch.hpp>
#include <future>

#include "../line_family.h"
#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "runner/detect/family.h"
#include "runner/export/torchscript.h"
#include "runner/infer/open.h"
#include "runner/serve/api.h"
#include "runner/train/train.h"

using namespace lotse;
using namespace lotse::runner;
using Catch::Contains;
using nlohmann::json;

namespace {

task::Families both() {
  return {std::make_shared<detect::DetectFamily>(), std::make_shared<LineFamily>()};
}

contract::EngineOptions engine_for(const std::string& model) {
  contract::EngineOptions options;
  options.model = model;
  options.device = "cpu";
  return options;
}

/// A line that has learned, as a file.
std::string trained(const std::filesystem::path& folder) {
  contract::TrainOptions options;
  options.output = folder.string();
  options.epochs = 20;
  options.batch = options.nominal_batch = 8;
  options.optimizer = "sgd";
  options.lr0 = 0.05;
  options.warmup_epochs = 0;
  options.threads = 1;
  const LineFamily family;
  train::train(
      options,
      [&](const auto& given, const auto& place) { return family.make_learner(given, place); }, {},
      [](const contract::Event&) {});
  return (folder / "best.safetensors").string();
}

double r2_of(const infer::Opened& opened) {
  return opened.family.make_evaluator({}, {})->evaluate(*opened.model).metrics.back().second;
}

serve::Answer ask(serve::Api& api, const std::string& method, const std::string& path,
                  const std::string& body = "") {
  std::promise<serve::Answer> answer;
  api.handle({method, path, "", body}, [&](serve::Answer given) { answer.set_value(given); });
  return answer.get_future().get();
}

json tensor(const char* name, const std::vector<double>& values) {
  return {{"name", name}, {"datatype", "FP32"}, {"shape", {values.size()}}, {"data", values}};
}

}  // namespace

TEST_CASE("family: a model's own is found by its name, by its file; a name of none is told all",
          "[family]") {
  const auto families = both();
  const auto task_of = [&](const std::string& given) {
    return task::family_of(families, task::read_source(given)).task();
  };
  CHECK(task_of("yolo11n") == "detect");
  CHECK(task_of("YOLO26s.yaml") == "detect");
  CHECK(task_of("line") == "line");
  try {
    task_of("nothing-known");
    FAIL("it is known");
  } catch (const base::Error& error) {
    CHECK(error.hint() ==
          "Architectures: " + base::join(detect::DetectFamily().names(), ", ") + ", line.");
  }
  CHECK_THROWS_WITH(infer::open_model(families, engine_for("yolo26")),
                    Contains("no architecture is named 'yolo26'"));
  CHECK_THROWS_WITH(infer::open_model(families, engine_for("/no/such.pt")),
                    Contains("there is no such file"));
}

TEST_CASE("family: one without pictures validates, exports and serves what it has learned",
          "[family]") {
  const base::TemporaryFolder folder;
  const auto families = both();
  const auto file = trained(folder.path());
  const auto weights = infer::open_model(families, engine_for(file));
  REQUIRE(weights.family.task() == "line");
  const double r2 = r2_of(weights);
  CHECK(r2 > 0.999);
  CHECK(r2_of(infer::open_model(families, engine_for("line"))) < 0.5);
  CHECK_THROWS_WITH(weights.family.make_predictor(*weights.model, {}), Contains("no pictures"));

  const auto graph = (folder.path() / "line.torchscript").string();
  exporting::write_torchscript(*weights.model, 4, graph);
  auto exported = infer::open_model(families, engine_for(graph));
  REQUIRE(exported.family.task() == "line");
  CHECK(exported.model->info().batch == 4);
  CHECK(r2_of(exported) == Approx(r2));
  const auto inputs = weights.model->example(6, 7);  // more than one batch, less than two
  CHECK(
      torch::allclose(weights.model->forward(inputs).at(0), exported.model->forward(inputs).at(0)));

  serve::Api api("line");
  api.set_service(exported.family.make_service(std::move(exported.model), {}));
  const auto about = json::parse(ask(api, "GET", "/v2/models/line").body);
  CHECK(about["inputs"][1] == json({{"name", "b"}, {"datatype", "FP32"}, {"shape", {-1}}}));
  const auto path = "/v2/models/line/infer";
  const json request = {{"inputs", {tensor("b", {1, 0}), tensor("a", {1, 0})}}};
  const auto answer = ask(api, "POST", path, request.dump());
  REQUIRE(answer.status == 200);
  const auto outputs = json::parse(answer.body)["outputs"];
  const auto& output = outputs[0];
  CHECK(output["name"] == "y");
  CHECK(output["data"][0].get<double>() == Approx(1.5).margin(0.05));
  CHECK(output["data"][1].get<double>() == Approx(0.5).margin(0.05));
  CHECK(outputs[1]["name"] == "square");
  CHECK(outputs[1]["data"][0].get<double>() == Approx(2.25).margin(0.15));
  const json uneven = {{"inputs", {tensor("b", {1, 0}), tensor("a", {1})}}};
  CHECK(ask(api, "POST", path, uneven.dump()).status == 400);
  CHECK(ask(api, "POST", path, json{{"inputs", {tensor("a", {1})}}}.dump()).status == 400);
  CHECK(ask(api, "POST", "/v1/detect", "x").status == 404);
}

TEST_CASE("family: a file that does not say enough of itself, or nonsense", "[family]") {
  task::Source source;
  source.given = "x.torchscript";
  source.graph.emplace();
  const auto info = [&](const json& says) {
    source.graph->extra = {{task::export_metadata, says.dump()}};
    return task::exported_info(source);
  };
  const json good = {{"architecture", "line"}, {"precision", "fp32"}, {"batch", 2}, {"head", "x"}};
  CHECK(info(good).about == json({{"head", "x"}}));
  CHECK(source.task() == "detect");  // as files that do not say it are
  auto bad = good;
  bad["batch"] = int64_t{1} << 60;
  CHECK_THROWS_WITH(info(bad), Contains("x.torchscript: says nonsense about itself"));
  bad.erase("batch");
  CHECK_THROWS_WITH(info(bad), Contains("does not say what it is"));
  CHECK_THROWS_WITH(info("text"), Contains("does not say what it is"));
}
