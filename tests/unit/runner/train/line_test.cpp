// Training a family that has nothing to do with pictures.
#include <catch2/catch.hpp>
#include <fstream>

#include "../line_family.h"
#include "base/files.h"
#include "base/strings.h"
#include "runner/train/train.h"

using namespace lotse;
using namespace lotse::runner;
using nlohmann::json;

namespace {

std::unique_ptr<task::Learner> make_line(const contract::TrainOptions& options,
                                         const task::Place& place) {
  return LineFamily().make_learner(options, place);
}

contract::TrainOptions quick(const std::filesystem::path& output) {
  contract::TrainOptions options;
  options.output = output.string();
  options.epochs = 20;
  options.batch = 8;
  options.nominal_batch = 8;
  options.optimizer = "sgd";
  options.lr0 = 0.05;
  options.warmup_epochs = 0;
  options.threads = 1;
  return options;
}

void silent(const contract::Event&) {}

}  // namespace

TEST_CASE("train: a family without pictures learns, and its own words are told", "[train]") {
  const base::TemporaryFolder folder;
  std::vector<contract::Event> events;
  train::train(quick(folder.path()), make_line, {},
               [&](const contract::Event& event) { events.push_back(event); });

  REQUIRE(events.front().type == "start");
  CHECK_THAT(events.front().message, Catch::Contains("Training a line on 64 numbers, 20 epochs"));
  CHECK(events.front().fields["model"] == "line");
  const auto& result = events.back();
  REQUIRE(result.type == "result");
  CHECK(result.fields["r2"].get<double>() > 0.999);
  CHECK_THAT(result.message, Catch::Contains("\nR2 "));

  const auto lines = base::split(base::read_file(folder.path() / "results.jsonl"), '\n');
  const auto told = json::parse(lines.at(result.fields["best_epoch"].get<size_t>() - 1));
  CHECK(told["losses"].contains("square"));
  CHECK(told["r2"] == result.fields["r2"]);
  const auto best = nn::read_tensors(folder.path() / "best.safetensors");
  CHECK(best.tensors.at("weight")[0][0].item<double>() == Approx(3).margin(0.05));
  CHECK(best.metadata.at("r2") == base::fixed(result.fields["r2"], 5));
}

TEST_CASE("train: a family without pictures goes on to the bit where it was cut", "[train]") {
  const base::TemporaryFolder folder;
  const auto weights = [&](const char* run) {
    return nn::read_tensors(folder.path() / run / "last.safetensors").tensors.at("weight");
  };
  train::train(quick(folder.path() / "whole"), make_line, {}, silent);

  auto cut = quick(folder.path() / "cut");
  cut.max_steps = 64;
  train::train(cut, make_line, {}, silent);
  CHECK_FALSE(torch::equal(weights("cut"), weights("whole")));
  cut.max_steps = 0;
  cut.resume = true;
  std::vector<contract::Event> events;
  train::train(cut, make_line, {}, [&](const contract::Event& event) { events.push_back(event); });
  CHECK(events.front().fields["resumed_steps"] == 64);
  CHECK(torch::equal(weights("cut"), weights("whole")));
}
