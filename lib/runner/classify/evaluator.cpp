#include "runner/classify/evaluator.h"

#include <chrono>
#include <iomanip>
#include <numeric>
#include <sstream>

#include "base/interrupt.h"
#include "base/strings.h"
#include "contract/file_reference.h"
#include "runner/classify/dataset.h"
#include "runner/classify/metrics.h"
#include "runner/device.h"
#include "runner/task/classes.h"
#include "runner/task/loading.h"

namespace lotse::runner::classify {

using base::cat;
using base::fixed;
using nlohmann::json;

namespace {

using Clock = std::chrono::steady_clock;

double milliseconds(Clock::duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

/// What was measured of a model.
struct Judgement {
  explicit Judgement(int64_t classes)
      : counts(classes), confusion(torch::zeros({classes, classes}, torch::kInt64)) {}

  Counts counts;
  torch::Tensor confusion;  ///< true class x what it was taken for
  Clock::duration predicting{0}, all{0};

  void add(const torch::Tensor& probabilities, const torch::Tensor& truth) {
    counts.add(probabilities, truth);
    const auto taken_for = probabilities.argmax(1);
    for (int64_t i = 0; i < truth.size(0); ++i)
      confusion[truth[i].item<int64_t>()][taken_for[i].item<int64_t>()] += 1;
  }
};

json rows_of(const torch::Tensor& confusion) {
  json rows = json::array();
  for (int64_t c = 0; c < confusion.size(0); ++c) {
    const auto row = confusion[c].contiguous();
    rows.push_back(
        std::vector<int64_t>(row.data_ptr<int64_t>(), row.data_ptr<int64_t>() + row.numel()));
  }
  return rows;
}

/// A class without pictures has no accuracy.
json measured(double value) {
  return value < 0 ? json() : json(value);
}

std::string table(const Judgement& judgement, const std::vector<std::string>& names) {
  size_t widest = 5;
  for (const auto& name : names) widest = std::max(widest, base::printable(name).size());
  std::ostringstream out;
  const auto row = [&](const std::string& name, int64_t pictures, const Accuracy& accuracy) {
    const auto cell = [](double value) { return value < 0 ? "-" : fixed(value, 4); };
    out << std::left << std::setw(static_cast<int>(widest)) << name << std::right << std::setw(10)
        << pictures << std::setw(9) << cell(accuracy.top1) << std::setw(9) << cell(accuracy.top5)
        << "\n";
  };
  out << std::left << std::setw(static_cast<int>(widest)) << "CLASS" << std::right
      << "  PICTURES    TOP-1    TOP-5\n";
  const auto& counts = judgement.counts;
  row("all", counts.examples(), counts.accuracy());
  for (size_t c = 0; c < names.size(); ++c) {
    const auto id = static_cast<int64_t>(c);
    row(base::printable(names[c]), counts.examples(id), counts.accuracy(id));
  }
  return out.str();
}

task::Evaluation to_evaluation(const Judgement& judgement, const std::vector<std::string>& names) {
  const auto& counts = judgement.counts;
  const auto accuracy = counts.accuracy();
  const auto n = static_cast<double>(std::max<int64_t>(counts.examples(), 1));
  const double predict = milliseconds(judgement.predicting) / n;
  const double other = milliseconds(judgement.all - judgement.predicting) / n;
  json classes = json::array();
  for (size_t c = 0; c < names.size(); ++c) {
    const auto id = static_cast<int64_t>(c);
    classes.push_back({{"name", names[c]},
                       {"pictures", counts.examples(id)},
                       {"top1", measured(counts.accuracy(id).top1)},
                       {"top5", measured(counts.accuracy(id).top5)}});
  }
  return {{{"top1", accuracy.top1}, {"top5", accuracy.top5}, {"fitness", accuracy.fitness()}},
          {{"pictures", counts.examples()},
           {"classes", classes},
           {"confusion", rows_of(judgement.confusion)},
           {"ms_per_picture", {{"predict", predict}, {"other", other}}}},
          cat(table(judgement, names), counts.examples(), " pictures; fitness (mean of both) ",
              fixed(accuracy.fitness(), 4), "\n", fixed(predict, 1), " ms a picture to predict, ",
              fixed(other, 1), " ms for the rest")};
}

}  // namespace

task::Evaluation ClassEvaluator::evaluate(task::Model& model) {
  auto& classifier = task::own<ClassifyModel>(model);
  load(classifier.side());
  task::check_classes(model.info().source, classifier.names(), options_.data, names_, place_.emit);
  task::Progress progress(place_.emit, "validate", "pictures");
  Judgement judgement(static_cast<int64_t>(names_.size()));
  std::vector<int64_t> all(static_cast<size_t>(squares_->count()));
  std::iota(all.begin(), all.end(), int64_t{0});
  const auto begun = Clock::now();
  look_at(
      *squares_, all, options_.batch, task::making_for(model.info().device),
      [&](const task::Batch& batch) {
        base::throw_if_interrupted();
        const auto asked = Clock::now();
        const auto images = unit_floats(batch.inputs, model.info().device);
        const auto probabilities = classifier.probabilities(images);
        judgement.predicting += Clock::now() - asked;
        judgement.add(probabilities, batch.targets);
      },
      [&](int64_t done, int64_t total) { progress.at(done, total); });
  judgement.all = Clock::now() - begun;
  return to_evaluation(judgement, names_);
}

/// Two models may take pictures of different sizes.
void ClassEvaluator::load(int64_t side) {
  if (squares_ != nullptr && squares_->side() == side) return;
  auto set = read_data_set(contract::resolve_file(options_.data), options_.skip_bad, Parts::val);
  names_ = set.names;
  squares_ = std::make_unique<Squares>(std::move(set.val), static_cast<int>(side));
  task::load_to_judge(*squares_, set, options_.skip_bad, place_);
}

}  // namespace lotse::runner::classify
