// Training a family that has nothing to do with pictures.
#include <catch2/catch.hpp>
#include <cmath>
#include <csignal>
#include <fstream>
#include <optional>

#include "../line_family.h"
#include "base/error.h"
#include "base/files.h"
#include "base/interrupt.h"
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

std::optional<base::ErrorKind> kind_of_error(const std::function<void()>& what) {
  try {
    what();
  } catch (const base::Error& error) {
    return error.kind();
  }
  return {};
}

/// The lines of the run's results.jsonl.
std::vector<json> told_epochs(const std::filesystem::path& run) {
  std::vector<json> all;
  for (const auto& line : base::split(base::trim(base::read_file(run / "results.jsonl")), '\n'))
    all.push_back(json::parse(line));
  return all;
}

/// A line whose process is told to end while it is validated for the third time.
class StoppedLine : public LineLearner {
 public:
  using LineLearner::LineLearner;
  std::vector<double> validate(int64_t batch, dist::Group& group,
                               const std::function<void(int64_t, int64_t)>& progress) override {
    if (++validations_ == 3) std::raise(SIGTERM);
    return LineLearner::validate(batch, group, progress);
  }

 private:
  int validations_ = 0;
};

std::unique_ptr<task::Learner> make_stopped_line(const contract::TrainOptions& options,
                                                 const task::Place& /*place*/) {
  return std::make_unique<StoppedLine>(options);
}

/// A line whose losses are no numbers from the second epoch on.
class LostLine : public LineLearner {
 public:
  using LineLearner::LineLearner;
  std::vector<task::HeadLoss> losses(const task::Batch& batch, int64_t epoch) override {
    auto heads = LineLearner::losses(batch, epoch);
    if (epoch > 0) heads[0].terms[0].sum = heads[0].terms[0].sum * std::nan("");
    return heads;
  }
};

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

TEST_CASE("train: SIGTERM ends a validation; the run goes on with it as if nothing had been") {
  base::install_interrupt_handlers();
  // The third validation is that of an epoch between others, of the last one, and of one that ends
  // with the last step that was asked for, within the epoch.
  const std::vector<std::pair<int64_t, int64_t>> runs = {{6, 0}, {3, 0}, {6, 21}};
  for (const auto& [epochs, max_steps] : runs) {
    INFO(epochs << " epochs, " << max_steps << " steps");
    const base::TemporaryFolder folder;
    auto options = quick(folder.path() / "whole");
    options.epochs = epochs;
    options.max_steps = max_steps;
    train::train(options, make_line, {}, silent);

    options.output = (folder.path() / "stopped").string();
    CHECK(kind_of_error([&] { train::train(options, make_stopped_line, {}, silent); }) ==
          base::ErrorKind::stopped);
    base::forget_interrupt();
    CHECK(told_epochs(folder.path() / "stopped").size() == 2);
    options.resume = true;
    train::train(options, make_line, {}, silent);
    for (const auto* file : {"last.safetensors", "best.safetensors", "state.safetensors"})
      CHECK(base::read_file(folder.path() / "stopped" / file) ==
            base::read_file(folder.path() / "whole" / file));
    const auto whole = told_epochs(folder.path() / "whole"),
               stopped = told_epochs(folder.path() / "stopped");
    REQUIRE(whole.size() == stopped.size());
    for (size_t i = 0; i < whole.size(); ++i) CHECK(whole[i]["r2"] == stopped[i]["r2"]);
  }
}

TEST_CASE("train: without a better result for `patience` epochs it stops, and stays as it is") {
  const base::TemporaryFolder folder;
  auto options = quick(folder.path() / "run");
  options.lr0 = 0;  // the first epoch is as good as any
  options.patience = 2;
  std::vector<contract::Event> events;
  const task::Emit note = [&](const contract::Event& event) { events.push_back(event); };
  const auto warnings = [&] {
    return std::count_if(events.begin(), events.end(),
                         [](const contract::Event& event) { return event.type == "warning"; });
  };
  train::train(options, make_line, {}, note);
  CHECK(told_epochs(folder.path() / "run").size() == 3);
  CHECK(events.back().fields["epochs"] == 3);
  CHECK(events.back().fields["best_epoch"] == 1);
  REQUIRE(warnings() == 1);
  CHECK(events.at(events.size() - 2).message == "no better R2 for 2 epochs: stopping early");

  events.clear();
  options.resume = true;
  train::train(options, make_line, {}, note);
  CHECK_THAT(events.front().message, Catch::Contains("complete after epoch 3"));
  CHECK(told_epochs(folder.path() / "run").size() == 3);

  events.clear();
  options.output = (folder.path() / "patient").string();
  options.epochs = 4;
  options.patience = 4;
  train::train(options, make_line, {}, note);
  CHECK(told_epochs(folder.path() / "patient").size() == 4);
  CHECK(warnings() == 0);
}

TEST_CASE("train: a loss that is no number fails the run, and what was saved stays") {
  const base::TemporaryFolder folder;
  const auto options = quick(folder.path());
  std::string what;
  try {
    train::train(
        options,
        [](const contract::TrainOptions& given, const task::Place&) {
          return std::make_unique<LostLine>(given);
        },
        {}, silent);
  } catch (const base::Error& error) {
    CHECK(error.kind() == base::ErrorKind::failed);
    what = error.what();
  }
  CHECK(what == "the loss is no longer a number after 8 steps");
  CHECK(told_epochs(folder.path()).size() == 1);
  for (const auto* file : {"last.safetensors", "best.safetensors", "state.safetensors"})
    for (const auto& [name, tensor] : nn::read_tensors(folder.path() / file).tensors)
      CHECK(torch::isfinite(tensor).all().item<bool>());
  CHECK(nn::read_tensors(folder.path() / "last.safetensors").metadata.at("epoch") == "1");
}
