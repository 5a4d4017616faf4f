#include "runner/classify/learner.h"

#include <numeric>

#include "base/strings.h"
#include "contract/file_reference.h"
#include "runner/classify/load.h"
#include "runner/classify/metrics.h"
#include "runner/classify/model.h"
#include "runner/classify/pictures.h"
#include "runner/classify/report.h"
#include "runner/device.h"
#include "runner/task/autocast.h"
#include "runner/task/loading.h"

namespace lotse::runner::classify {

using base::cat;
using contract::TrainOptions;
using nlohmann::json;

namespace {

class ClassifyLearner : public task::Learner {
 public:
  ClassifyLearner(const TrainOptions& options, const task::Place& place)
      : options_(options), place_(place), making_(task::making_for(place.device)) {
    const auto given = options_.model.starts_with("volume:")
                           ? contract::resolve_file(options_.model).string()
                           : options_.model;
    const auto source = task::read_source(given);
    if (options_.imgsz == 0) options_.imgsz = standard_side;
    read_data();
    build(source);
  }

  std::string task() const override { return "classify"; }
  torch::nn::Module& model() override { return *model_; }
  torch::nn::Module& averaged() override { return *averaged_; }
  void begin_learning() override {
    model_->train();
    nn::freeze_batch_norm(*model_, options_.eval_batch_norm);
  }

  int64_t examples() const override { return training_->count(); }
  int64_t validation_examples() const override { return squares_->count(); }
  int64_t classes() const override { return static_cast<int64_t>(names_.size()); }

  task::Batch training_batch(const std::vector<int64_t>& indices, int64_t epoch,
                             int64_t /*batch*/) const override {
    const Augmentation settings = {
        options_.scale, options_.flipud, options_.fliplr, options_.auto_augment == "randaugment",
        options_.hsv_h, options_.hsv_s,  options_.hsv_v,  options_.erasing};
    return classify::training_batch(*training_, indices, static_cast<uint64_t>(options_.seed),
                                    epoch, settings, making_);
  }

  std::vector<std::string> loss_names() const override { return {"cross_entropy"}; }

  std::vector<task::HeadLoss> losses(const task::Batch& batch, int64_t /*epoch*/) override {
    const auto truth = batch.targets.to(place_.device);
    const auto images = unit_floats(batch.inputs, place_.device);
    const auto logits = [&] {
      const task::Autocast autocast(place_.bf16, place_.device.type());
      return model_->forward(images);
    }();
    const auto sum = torch::nn::functional::cross_entropy(
        logits, truth, torch::nn::functional::CrossEntropyFuncOptions().reduction(torch::kSum));
    return {{{{sum}}, torch::tensor(static_cast<float>(truth.size(0)))}};
  }

  /// The loss is a mean, and so are its gradients.
  double gradient_scale(int64_t /*batch*/) const override { return 1; }

  std::vector<task::Metric> metrics() const override {
    return {{"top1", "top-1"}, {"top5", "top-5"}, {"fitness", "fitness"}};
  }

  std::vector<double> validate(int64_t batch, dist::Group& group,
                               const std::function<void(int64_t, int64_t)>& progress) override {
    const torch::NoGradGuard no_gradients;
    averaged_->eval();
    std::vector<int64_t> all(static_cast<size_t>(squares_->count()));
    std::iota(all.begin(), all.end(), int64_t{0});
    Counts counts(classes());
    look_at(
        *squares_, task::share(all, group.rank(), group.size()), batch, making_,
        [&](const task::Batch& some) {
          const auto logits = averaged_->forward(unit_floats(some.inputs, place_.device));
          counts.add(torch::softmax(logits.to(torch::kFloat), 1).cpu(), some.targets);
        },
        progress);
    group.all_reduce(counts.numbers());
    const auto accuracy = counts.accuracy();
    return {accuracy.top1, accuracy.top5, accuracy.fitness()};
  }

  void save(const std::filesystem::path& path,
            const std::map<std::string, std::string>& more) const override {
    auto all = more;
    all["imgsz"] = std::to_string(options_.imgsz);
    save_weights(*averaged_, names_, path, all);
  }

  json identity() const override { return about().identity(); }
  std::string describe() const override { return about().describe(); }
  json description() const override { return about().description(); }

 private:
  task::Training about() const {
    return {model_->architecture().name, names_, options_.imgsz, training_->count(),
            squares_->count()};
  }

  void read_data() {
    auto set = read_data_set(contract::resolve_file(options_.data), options_.skip_bad);
    names_ = set.names;
    const auto side = static_cast<int>(options_.imgsz);
    const task::Keeping keeping = {options_.cache, contract::resolve_file(options_.cache_folder)};
    training_ = std::make_unique<TrainingPictures>(std::move(set.train), side, keeping);
    squares_ = std::make_unique<Squares>(std::move(set.val), side, keeping);
    auto left_out = set.left_out;
    left_out += task::load_both(*training_, *squares_, options_.skip_bad, place_);
    if (!place_.leads) return;
    for (const auto& note : set.notes) place_.emit({"warning", note, {}});
    place_.emit(data_event(names_, *training_, *squares_));
    for (const auto& problem : {training_->problem(), squares_->problem()})
      if (!problem.empty()) place_.emit({"warning", problem, {}});
    if (!left_out.empty()) place_.emit({"warning", left_out.warning(), {}});
  }

  void build(const task::Source& source) {
    const auto seed = static_cast<uint64_t>(options_.seed);
    const auto loaded = load_model(source, seed, names_);
    if (place_.leads && !loaded.fresh)
      place_.emit(task::loaded(loaded.source, loaded.transferred, loaded.tensors));
    model_ = loaded.classifier;
    averaged_ = make_model(model_->architecture().name, seed, names_).classifier;
    averaged_->set_activation(model_->activation());
    for (auto* classifier : {model_.get(), averaged_.get()}) {
      classifier->to(place_.device);
      nn::to_channels_last(*classifier);
    }
  }

  TrainOptions options_;
  task::Place place_;
  task::Making making_;
  std::vector<std::string> names_;
  std::unique_ptr<TrainingPictures> training_;
  std::unique_ptr<Squares> squares_;
  std::shared_ptr<Classifier> model_, averaged_;
};

}  // namespace

std::unique_ptr<task::Learner> make_learner(const TrainOptions& options, const task::Place& place) {
  return std::make_unique<ClassifyLearner>(options, place);
}

}  // namespace lotse::runner::classify
