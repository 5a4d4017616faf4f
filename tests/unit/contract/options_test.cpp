#include "contract/options.h"
#include "contract/needs.h"
#include "contract/run_configuration.h"
#include "contract/task.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <set>

using namespace lotse::contract;
using lotse::base::Error;
using nlohmann::json;

TEST_CASE("absent keys keep their defaults, given ones are read") {
  const auto options =
      options_from_json<TrainOptions>({{"data", "d.yaml"}, {"epochs", 3}}, "run.json");
  CHECK(options.data == "d.yaml");
  CHECK(options.epochs == 3);
  CHECK(options.batch == TrainOptions{}.batch);
}

TEST_CASE("options survive the way through JSON") {
  InferOptions options;
  options.model = "m.pt";
  options.source = {"a.jpg", "b"};
  options.classes = {0, 2};
  const auto back = options_from_json<InferOptions>(options_to_json(options), "");
  CHECK(back.source == options.source);
  CHECK(back.classes == options.classes);
}

TEST_CASE("all mistakes are told at once, each with file and key") {
  const json wrong = {{"epocs", 3}, {"batch", "four"}, {"precision", "fp8"}, {"epochs", 0}};
  try {
    options_from_json<TrainOptions>(wrong, "run.json");
    FAIL("accepted");
  } catch (const Error& e) {
    REQUIRE(e.diagnostics().size() == 5);
    const std::string text = e.what();
    CHECK_THAT(text, Catch::Contains("run.json: data: is required"));
    CHECK_THAT(text, Catch::Contains("run.json: batch: has the wrong type: \"four\""));
    CHECK_THAT(text, Catch::Contains("must be one of fp32, bf16, auto"));
    CHECK_THAT(text, Catch::Contains("must be at least 1"));
    CHECK_THAT(text, Catch::Contains("did you mean epochs?"));
  }
}

TEST_CASE("no number wraps, and none is left out of its limits") {
  const auto problem = [](const json& given) -> std::string {
    json options = {{"data", "d"}};
    options.update(given);
    try {
      options_from_json<TrainOptions>(options, "");
    } catch (const Error& e) {
      return e.what();
    }
    return "";
  };
  CHECK(problem({{"imgsz", 100}}) == "--imgsz: must be a multiple of 32, is 100");
  CHECK(problem({{"epochs", 3000000000}}) == "--epochs: must be at most 2147483647, is 3000000000");
  CHECK_THAT(problem({{"epochs", 18446744073709551615U}}), Catch::Contains("has the wrong type"));
  CHECK(problem({{"lr0", std::nan("")}}) == "--lr0: must be a finite number");
  CHECK(problem({{"data", ""}}) == "--data: is empty");
}

TEST_CASE("a run configuration names its mode") {
  CHECK(parse_run_configuration({{"mode", "train"}}, "f").options.is_object());
  CHECK_THROWS_AS(parse_run_configuration({{"modes", "train"}}, "f"), Error);
  CHECK_THROWS_AS(parse_run_configuration({{"mode", "train"}, {"x", 1}}, "f"), Error);
}

TEST_CASE("a mode's options as data, general ones first, those of a group together") {
  const auto train = options_of("train");
  CHECK(std::string(train.front().field.name) == "model");
  std::vector<std::string> groups;
  for (const auto& option : train)
    if (groups.empty() || groups.back() != option.field.group)
      groups.emplace_back(option.field.group);
  CHECK(groups ==
        std::vector<std::string>{"", "Optimization", "Augmentation", "Loss", "Classifiers"});
  const auto infer = options_of("infer");
  REQUIRE(infer.size() > 5);
  CHECK(std::string(infer[1].field.name) == "source");
  CHECK(infer[1].type == Type::text_list);
  CHECK(infer[1].field.file == Field::in);
  CHECK(infer[2].standard == json(DetectOptions{}.conf));
  CHECK(options_of("fly").empty());
  for (const auto& mode : modes()) {
    std::set<std::string> names;
    for (const auto& option : options_of(mode)) names.insert(option.field.name);
    CHECK(names.size() == options_of(mode).size());
    CHECK_FALSE(names.empty());
  }
}

TEST_CASE("an option of other models is refused where it was set, and told whose it is") {
  TrainOptions options;
  CHECK_NOTHROW(check_task(options, "classify"));
  options.mosaic = 0.5;
  options.epochs = 3;
  CHECK_NOTHROW(check_task(options, "detect"));
  CHECK_THROWS_WITH(check_task(options, "classify"),
                    "--mosaic: is an option of models for detect, and this one is for classify");
  ValOptions val;
  val.head = "o2m";
  CHECK_THROWS_WITH(check_task(val, "classify"), Catch::Contains("--head: is an option of"));
}

TEST_CASE("an option that does nothing without another one is refused, and both are named") {
  const auto problem = [](const char* mode, const json& values) -> std::string {
    try {
      check_needs(mode, values);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  CHECK(problem("val", {{"metric", "map50"}, {"by", 0.01}}) ==
        "--metric: has no effect without --not-below\n--by: has no effect without --not-below");
  CHECK(problem("val", {{"metric", "map50"}, {"by", 0.01}, {"not_below", "a.pt"}}).empty());
  CHECK(problem("val", {{"metric", ""}, {"by", 0}, {"not_below", ""}}).empty());
  CHECK(problem("train", {{"cache", "ram"}, {"cache_folder", "kept"}}) ==
        "--cache-folder: has no effect without --cache disk");
  CHECK(problem("train", {{"cache_folder", "kept"}}).find("--cache disk") != std::string::npos);
  CHECK(problem("train", {{"cache", "disk"}, {"cache_folder", "kept"}}).empty());
  CHECK(problem("infer", {{"batch", 3}}).empty());
}

TEST_CASE("a model's name tells its task, a file does not") {
  CHECK(task_of_name("yolo26n") == "detect");
  CHECK(task_of_name("yolo26n-cls") == "classify");
  for (const auto* file : {"volume:out/best-cls.pt", "yolo26n-cls.pt", "./yolo26n-cls", "mine", ""})
    CHECK(task_of_name(file).empty());
}
