#include "runner/train/train.h"

#include <chrono>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <mutex>
#include <optional>

#include "base/error.h"
#include "base/files.h"
#include "base/interrupt.h"
#include "base/strings.h"
#include "contract/file_reference.h"
#include "runner/device.h"
#include "runner/dist/rounds.h"
#include "runner/nn/tensors.h"
#include "runner/precision.h"
#include "runner/task/loader.h"
#include "runner/task/progress.h"
#include "runner/train/average.h"
#include "runner/train/fit.h"
#include "runner/train/hyperparameters.h"
#include "runner/train/run_folder.h"
#include "runner/train/run_state.h"
#include "runner/train/schedule.h"
#include "runner/train/step.h"

namespace lotse::runner::train {

namespace fs = std::filesystem;

namespace {

using base::cat;
using base::fixed;
using Clock = std::chrono::steady_clock;
using contract::TrainOptions;
using nlohmann::json;

double seconds_since(Clock::time_point then) {
  return std::chrono::duration<double>(Clock::now() - then).count();
}

/// Whole numbers up to 2^53 are themselves.
torch::Tensor to_numbers(const RunState& state) {
  std::vector<double> numbers;
  for (const auto count : {state.epoch, state.batch, state.steps, state.best_epoch})
    numbers.push_back(static_cast<double>(count));
  numbers.insert(numbers.end(), state.best.begin(), state.best.end());
  numbers.insert(numbers.end(), state.latest.begin(), state.latest.end());
  return torch::tensor(numbers, torch::kFloat64);
}

RunState from_numbers(const torch::Tensor& numbers) {
  const auto* n = numbers.data_ptr<double>();
  const auto metrics = (numbers.numel() - 4) / 2;
  const auto count = [&](int64_t i) { return static_cast<int64_t>(n[i]); };
  return {count(0),
          count(1),
          count(2),
          count(3),
          {n + 4, n + 4 + metrics},
          {n + 4 + metrics, n + numbers.numel()}};
}

class Trainer {
 public:
  Trainer(const TrainOptions& options, const MakeLearner& make, const dist::Membership& membership,
          const Emit& emit)
      : options_(options), emit_(emit), membership_(membership) {
    check_options(options_, membership_.world_size);
    threads_ = set_threads(options_.threads);
    device_ = choose_device(options_.device);
    check_options_on(options_, device_);
    precision_ = choose_precision(options_.precision, device_, "bf16");
    at::globalContext().setDeterministicAlgorithms(true, true);
    // Filling fresh memory finds bugs in kernels; it costs a fifth of the time.
    at::globalContext().setDeterministicFillUninitializedMemory(false);
    output_ = contract::resolve_file(options_.output);
    if (leads()) folder_.emplace(output_, this_run(), Earlier{options_.resume, options_.overwrite});
    learner_ = make(options_, {device_, threads_, precision_ == "bf16", leads(), emit_});
    options_.imgsz = learner_->identity().value("imgsz", options_.imgsz);
    if (options_.batch < 0) options_.batch = found_batch();
    metrics_ = learner_->metrics();
    loss_names_ = learner_->loss_names();
    best_ = latest_ = std::vector<double>(metrics_.size());
    prepare();
    if (leads() && folder_->goes_on()) read_state();
    group_ = dist::join_again(membership_, output_);
    share_state();
    finished_ = is_over();
    stepper_ = std::make_unique<Stepper>(options_.batch, options_.clip_norm, *learner_, *optimizer_,
                                         *average_, *group_);
    announce();
    if (leads()) {
      folder_->claim();
      folder_->keep_epochs(epoch_);
    }
  }

  void run() {
    while (epoch_ < options_.epochs && !finished_) run_epoch();
    report_result();
  }

 private:
  bool leads() const { return membership_.rank == 0; }
  void emit_leading(const contract::Event& event) const {
    if (leads()) emit_(event);
  }

  void prepare() {
    auto& averaged = learner_->averaged();
    for (auto& parameter : averaged.parameters()) parameter.set_requires_grad(false);
    schedule_ = make_schedule(options_, learner_->examples(), learner_->classes());
    optimizer_ = std::make_unique<Optimizer>(
        learner_->model(), Optimizer::Settings{schedule_.rule, schedule_.weight_decay,
                                               [this](const std::string& parameter) {
                                                 return learner_->musgd_rate(parameter);
                                               }});
    average_ = std::make_unique<Average>(nn::state(averaged), nn::state(learner_->model()),
                                         options_.ema_decay, options_.ema_tau);
  }

  /// A run that goes on keeps its batch, whatever memory this machine has.
  int64_t found_batch() {
    const auto before =
        folder_->goes_on() ? batch_of_run(output_ / "state.safetensors") : std::nullopt;
    return before ? *before : fitting_batch(*learner_, device_);
  }

  /// All tensors that make up the run, by name; not copies.
  NamedTensors remembered() const {
    NamedTensors all;
    for (const auto& [name, tensor] : nn::state(learner_->model()))
      all.emplace_back("model/" + name, tensor);
    for (const auto& [name, tensor] : nn::state(learner_->averaged()))
      all.emplace_back("average/" + name, tensor);
    for (const auto& [name, tensor] : optimizer_->state())
      all.emplace_back("optimizer/" + name, tensor);
    return all;
  }

  /// What must be the same for a resumed run to be the same run.
  json identity() const {
    auto all = contract::options_to_json(options_);
    for (const auto* free :
         {"data", "output", "resume", "overwrite", "skip_bad", "log_steps", "cache", "cache_folder",
          "threads", "device", "model", "patience", "val_interval", "max_steps"})
      all.erase(free);
    all.update(learner_->identity());
    return all;
  }

  void read_state() {
    const auto state =
        read_run_state(output_ / "state.safetensors", remembered(), identity(), metric_names(),
                       contract::options_to_json(contract::TrainOptions()));
    if (state) stand_at(*state);
  }

  void stand_at(const RunState& state) {
    epoch_ = state.epoch;
    batch_ = state.batch;
    best_epoch_ = state.best_epoch;
    best_ = state.best;
    latest_ = state.latest;
    optimizer_->set_steps(state.steps);
    average_->set_updates(state.steps);
    resumed_ = true;
  }

  RunState state() const {
    return {epoch_, batch_, optimizer_->steps(), best_epoch_, best_, latest_};
  }

  std::vector<std::string> metric_names() const {
    std::vector<std::string> names;
    for (const auto& metric : metrics_) names.push_back(metric.name);
    return names;
  }

  /// Rank 0 alone reads the folder: on a network volume the others might see an older state.
  void share_state() {
    if (group_->size() == 1) return;
    auto resumed = torch::full({1}, static_cast<int64_t>(resumed_));
    group_->broadcast(resumed);
    if (resumed.item<int64_t>() == 0) return;
    auto numbers = to_numbers(state());
    group_->broadcast(numbers);
    const torch::NoGradGuard no_gradients;
    for (const auto& [name, tensor] : remembered()) {
      auto copy = tensor.cpu().contiguous();
      group_->broadcast(copy);
      tensor.copy_(copy);
    }
    if (!leads()) stand_at(from_numbers(numbers));
  }

  bool has_all_steps() const {
    return options_.max_steps > 0 && optimizer_->steps() >= options_.max_steps;
  }

  /// A run that is complete stays as it is when it is started again. One that was stopped within
  /// an epoch is not, though it may lack nothing but the validation.
  bool is_over() const {
    if (batch_ > 0) return false;
    const bool validated = epoch_ > 0 && epoch_ % options_.val_interval == 0;
    return has_all_steps() ||
           (options_.patience > 0 && validated && epoch_ - best_epoch_ >= options_.patience);
  }

  void save_state() const {
    if (!leads()) return;
    write_run_state(output_ / "state.safetensors", remembered(), identity(), metric_names(),
                    state());
  }

  void announce() const {
    const auto* const picked = rule_name(schedule_.rule);
    json fields = {{"mode", "train"},
                   {"device", device_name(device_)},
                   {"threads", threads_},
                   {"rank", membership_.rank},
                   {"world_size", membership_.world_size},
                   {"epochs", options_.epochs},
                   {"optimizer", picked},
                   {"lr0", schedule_.lr0},
                   {"precision", precision_},
                   {"resumed_epoch", resumed_ ? json(epoch_) : json()},
                   {"resumed_steps", resumed_ ? json(optimizer_->steps()) : json()}};
    fields.update(learner_->description());
    auto text = cat("Training ", learner_->describe(), ", ", options_.epochs, " epochs, ", picked,
                    " lr ", schedule_.lr0, ", ", precision_, " on ", device_name(device_), " with ",
                    threads_, " threads");
    if (group_->size() > 1) text += cat(", rank ", group_->rank(), " of ", group_->size());
    const bool complete = finished_ || epoch_ >= options_.epochs;
    if (resumed_ && complete)
      text += cat("; complete after epoch ", epoch_, ": nothing is left to train");
    else if (resumed_)
      text += cat("; going on after epoch ", epoch_, batch_ > 0 ? cat(" and batch ", batch_) : "");
    emit_({"start", text, fields});
    emit_leading(hyperparameters(options_, schedule_, learner_->task()));
  }

  void run_epoch() {
    const auto start = Clock::now();
    data_seconds_ = 0;
    const auto loss = learn_epoch();
    share_statistics();
    // A validation may take longer than a pod is given to end.
    if (is_validated(epoch_ + 1)) save_state();
    batch_ = 0;
    ++epoch_;
    end_epoch(loss, start);
  }

  /// Whether the epoch is, which has been learned: they are counted from 1.
  bool is_validated(int64_t epoch) const {
    return finished_ || epoch >= options_.epochs || epoch % options_.val_interval == 0;
  }

  /// From batch_ on to the epoch's end; the mean losses of its steps.
  StepLoss learn_epoch() {
    const auto seed = static_cast<uint64_t>(options_.seed);
    const int64_t epoch = epoch_;
    task::Prefetcher<task::Batch> loader(batch_, schedule_.batches, 3, [=, this](int64_t b) {
      const auto global = task::global_batch(seed, epoch, b, options_.batch, learner_->examples());
      const auto mine = task::share(global, group_->rank(), group_->size());
      return task::on_device(learner_->training_batch(mine, epoch, b), device_);
    });
    learner_->begin_learning();
    const auto total = (schedule_.batches - batch_) * options_.batch;
    task::Progress progress(emit_, cat("epoch ", epoch_ + 1, "/", options_.epochs), "images",
                            [this](double images_per_second) {
                              images_per_second_ = images_per_second;
                              return seconds_after_epoch(epoch_ + 1, true);
                            });
    if (leads() && total > 0) progress.at(0, total);
    StepLoss sum{0, std::vector<double>(loss_names_.size())};
    int64_t steps = 0, done = 0;
    finished_ = has_all_steps();
    while (batch_ < schedule_.batches && !finished_) {
      const int64_t iteration = epoch_ * schedule_.batches + batch_;
      const auto asked = Clock::now();
      const auto batch = loader.next();
      data_seconds_ += seconds_since(asked);
      const bool stop = stepper_->add(batch, epoch_);
      ++batch_;
      ++done;
      if (stepper_->pending() < schedule_.accumulate_at(iteration) && batch_ < schedule_.batches)
        continue;
      const auto loss = stepper_->step(schedule_.rates(iteration));
      log_step(loss);
      ++steps;
      sum.total += loss.total;
      for (size_t i = 0; i < sum.parts.size(); ++i) sum.parts[i] += loss.parts[i];
      if (leads())
        progress.at(done * options_.batch, total, cat("  loss ", fixed(loss.total, 3)),
                    {{"loss", loss.total}});
      finished_ = has_all_steps();
      if (stop && !finished_) stop_after_saving();
    }
    // Stopped after the epoch's last step and started again: there is no loss to tell.
    const double n = steps > 0 ? static_cast<double>(steps) : std::nan("");
    sum.total /= n;
    for (auto& part : sum.parts) part /= n;
    return sum;
  }

  /// A guess at how long the run goes on after `epoch` epochs of training, with or without their
  /// validation. A picture that is only looked at takes about a third of one to learn from.
  double seconds_after_epoch(int64_t epoch, bool with_validation) const {
    auto end = options_.epochs * schedule_.batches;
    if (options_.max_steps > 0)
      end = std::min(end, options_.max_steps * std::max<int64_t>(1, schedule_.accumulate));
    const auto batches = std::max<int64_t>(0, end - epoch * schedule_.batches);
    const auto epochs = epoch + (batches + schedule_.batches - 1) / schedule_.batches;
    int64_t validations = 0;
    for (int64_t e = with_validation ? epoch : epoch + 1; e <= epochs; ++e)
      validations += e == epochs || e % options_.val_interval == 0 ? 1 : 0;
    const double validation = validation_seconds_.value_or(
        static_cast<double>(learner_->validation_examples()) / images_per_second_ / 3);
    return static_cast<double>(batches * options_.batch) / images_per_second_ +
           static_cast<double>(validations) * validation;
  }

  void log_step(const StepLoss& loss) const {
    if (!options_.log_steps) return;
    char text[64];
    std::snprintf(text, sizeof text, "step %lld loss %.17g",
                  static_cast<long long>(optimizer_->steps()), loss.total);
    emit_leading({"step",
                  text,
                  {{"step", optimizer_->steps()}, {"loss", loss.total}, {"items", by_name(loss)}}});
  }

  json by_name(const StepLoss& loss) const {
    json items;
    for (size_t i = 0; i < loss_names_.size(); ++i) items[loss_names_[i]] = loss.parts[i];
    return items;
  }

  /// "  loss 4.213 (box 1.304 cls 2.104 l1 0.805)"; nothing where no step was taken.
  std::string in_words(const StepLoss& loss) const {
    if (std::isnan(loss.total)) return "";
    std::vector<std::string> parts;
    for (size_t i = 0; i < loss_names_.size(); ++i)
      parts.push_back(cat(loss_names_[i], " ", fixed(loss.parts[i], 3)));
    return cat("  loss ", fixed(loss.total, 3), " (", base::join(parts, " "), ")");
  }

  [[noreturn]] void stop_after_saving() const {
    save_state();
    stop();
  }

  /// The state that a later start goes on from has been saved.
  [[noreturn]] void stop() const {
    const auto path = (output_ / "state.safetensors").string();
    emit_leading({"saved", "Saved " + path, {{"path", path}, {"what", "state"}}});
    throw base::Error(base::ErrorKind::stopped,
                      cat("stopped after ", optimizer_->steps(),
                          " steps; the same run goes on from there, another one with --resume"));
  }

  /// Batch-norm statistics are each rank's own; rank 0's are the ones that are tested and kept.
  void share_statistics() {
    if (group_->size() == 1) return;
    const torch::NoGradGuard no_gradients;
    for (auto* module : {&learner_->model(), &learner_->averaged()}) {
      for (auto& buffer : module->buffers()) {
        auto copy = buffer.cpu().contiguous();
        group_->broadcast(copy);
        buffer.copy_(copy);
      }
    }
  }

  void end_epoch(const StepLoss& loss, Clock::time_point start) {
    const bool last = epoch_ >= options_.epochs || finished_;
    bool stop_early = false;
    json losses = by_name(loss);
    losses["total"] = loss.total;
    json line = {{"epoch", epoch_}, {"epochs", options_.epochs}, {"losses", losses}};
    auto text = cat("epoch ", epoch_, "/", options_.epochs, in_words(loss));
    bool better = false;
    line["train_seconds"] = seconds_since(start);
    line["data_seconds"] = data_seconds_;
    all_data_seconds_ += data_seconds_;
    if (is_validated(epoch_)) {
      better = validate();
      for (size_t i = 0; i < metrics_.size(); ++i) line[metrics_[i].name] = latest_[i];
      text += "  " + in_words(latest_);
      stop_early = options_.patience > 0 && epoch_ - best_epoch_ >= options_.patience;
    }
    line["seconds"] = seconds_since(start);
    save(line, better);
    emit_leading({"epoch",
                  text + cat("  ", fixed(seconds_since(start), 1), " s (", fixed(data_seconds_, 1),
                             " waiting for data)"),
                  line});
    if (stop_early && !last) {
      finished_ = true;
      emit_leading({"warning",
                    cat("no better ", metrics_.back().label, " for ", options_.patience,
                        " epochs: stopping early"),
                    json::object()});
    }
  }

  /// Whether the averaged weights are the best so far.
  bool validate() {
    const auto began = Clock::now();
    task::Progress progress(emit_, "validate", "pictures",
                            [this](double) { return seconds_after_epoch(epoch_, false); });
    if (leads()) progress.at(0, learner_->validation_examples() / group_->size());
    latest_ = learner_->validate(2 * options_.batch / group_->size(), *group_,
                                 [&](int64_t done, int64_t total) {
                                   if (base::interrupted()) stop();
                                   if (leads()) progress.at(done, total);
                                 });
    validation_seconds_ = seconds_since(began);
    const bool better = latest_.back() > best_.back() || best_epoch_ == 0;
    if (better) best_ = latest_, best_epoch_ = epoch_;
    return better;
  }

  /// "mAP50 0.9321  mAP50-95 0.7012"
  std::string in_words(const std::vector<double>& values) const {
    std::vector<std::string> words;
    for (size_t i = 0; i < metrics_.size(); ++i)
      words.push_back(cat(metrics_[i].label, " ", fixed(values[i], 4)));
    return base::join(words, "  ");
  }

  void save(const json& line, bool better) const {
    if (!leads()) return;
    std::map<std::string, std::string> more = {{"epoch", std::to_string(epoch_)}};
    for (size_t i = 0; i < metrics_.size(); ++i) more[metrics_[i].name] = fixed(latest_[i], 5);
    learner_->save(output_ / "last.safetensors", more);
    if (better) learner_->save(output_ / "best.safetensors", more);
    std::ofstream results(output_ / "results.jsonl", std::ios::app);
    results << line.dump() << "\n" << std::flush;
    if (!results)
      throw base::Error(base::ErrorKind::failed,
                        (output_ / "results.jsonl").string() + ": cannot be written");
    save_state();
  }

  void report_result() const {
    const auto best = (output_ / "best.safetensors").string();
    json fields = {{"best", best},
                   {"last", (output_ / "last.safetensors").string()},
                   {"best_epoch", best_epoch_},
                   {"epochs", epoch_},
                   {"steps", optimizer_->steps()},
                   {"data_seconds", all_data_seconds_}};
    for (size_t i = 0; i < metrics_.size(); ++i) fields[metrics_[i].name] = best_[i];
    emit_leading({"result",
                  cat("Best weights (epoch ", best_epoch_, "): ", best, "\n", in_words(best_)),
                  fields});
  }

  TrainOptions options_;
  Emit emit_;
  dist::Membership membership_;
  torch::Device device_ = torch::kCPU;
  std::string precision_;
  int64_t threads_ = 1;
  fs::path output_;
  std::optional<RunFolder> folder_;  // rank 0's
  std::unique_ptr<task::Learner> learner_;
  std::vector<task::Metric> metrics_;
  std::vector<std::string> loss_names_;
  Schedule schedule_;
  std::unique_ptr<Optimizer> optimizer_;
  std::unique_ptr<Average> average_;
  std::unique_ptr<dist::Group> group_;
  std::unique_ptr<Stepper> stepper_;
  int64_t epoch_ = 0, batch_ = 0, best_epoch_ = 0;  // epochs done, batches done of the next one
  std::vector<double> best_, latest_;               // as metrics_
  double images_per_second_ = 1;                    // in training, all ranks together
  double data_seconds_ = 0;  // of this epoch, that training waited for pictures
  double all_data_seconds_ = 0;
  std::optional<double> validation_seconds_;  // of the latest one
  bool resumed_ = false, finished_ = false;
};

}  // namespace

void train(const TrainOptions& options, const MakeLearner& make, const dist::Membership& membership,
           const Emit& emit) {
  std::mutex mutex;
  Trainer(options, make, membership, [&](const contract::Event& event) {
    const std::lock_guard lock(mutex);
    emit(event);
  }).run();
}

void train(const TrainOptions& options, const MakeLearner& make, const Emit& emit) {
  train(options, make, dist::membership_from_environment(), emit);
}

}  // namespace lotse::runner::train
