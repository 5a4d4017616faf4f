#include "runner/train/train.h"

#include <chrono>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <mutex>
#include <optional>

#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "contract/file_reference.h"
#include "runner/data/loader.h"
#include "runner/data/summary.h"
#include "runner/device.h"
#include "runner/dist/rounds.h"
#include "runner/model/load.h"
#include "runner/precision.h"
#include "runner/train/average.h"
#include "runner/train/loss.h"
#include "runner/train/progress.h"
#include "runner/train/run_folder.h"
#include "runner/train/run_state.h"
#include "runner/train/schedule.h"
#include "runner/train/step.h"
#include "runner/train/validate.h"

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

void check_options(const TrainOptions& options, int64_t world_size) {
  base::Diagnostics problems;
  if (options.imgsz % 32 != 0)
    problems.push_back({"imgsz", cat("is ", options.imgsz, ", not a multiple of 32"), ""});
  if (options.batch % world_size != 0)
    problems.push_back(
        {"batch", cat("is ", options.batch, ", which ", world_size, " ranks cannot share evenly"),
         "batch counts the images of all ranks."});
  if (options.resume && options.overwrite)
    problems.push_back({"overwrite", "and resume exclude each other", ""});
  base::throw_if_any(std::move(problems));
}

void use_channels_last(const model::Detector& detector) {
  const torch::NoGradGuard no_gradients;
  for (auto& parameter : detector.parameters())
    if (parameter.dim() == 4)
      parameter.set_data(parameter.contiguous(at::MemoryFormat::ChannelsLast));
}

class Trainer {
 public:
  Trainer(const TrainOptions& options, const dist::Membership& membership, const Emit& emit)
      : options_(options), emit_(emit), membership_(membership) {
    check_options(options_, membership_.world_size);
    threads_ = set_threads(options_.threads);
    device_ = choose_device(options_.device);
    precision_ = choose_precision(options_.precision, device_, "bf16");
    at::globalContext().setDeterministicAlgorithms(true, true);
    // Filling fresh memory finds bugs in kernels; it costs a fifth of the time.
    at::globalContext().setDeterministicFillUninitializedMemory(false);
    output_ = contract::resolve_file(options_.output);
    if (leads()) folder_.emplace(output_, this_run(), Earlier{options_.resume, options_.overwrite});
    read_data();
    build_model();
    if (leads() && folder_->goes_on()) read_state();
    group_ = dist::join_again(membership_, output_);
    share_state();
    finished_ = is_over();
    stepper_ = std::make_unique<Stepper>(
        Stepper::Settings{device_, options_.imgsz, options_.batch, precision_ == "bf16"}, *model_,
        *optimizer_, *average_, *group_);
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

  void read_data() {
    auto set = data::read_data_set(contract::resolve_file(options_.data), options_.skip_bad);
    names_ = set.names;
    const auto side = static_cast<int>(options_.imgsz);
    training_ = std::make_unique<data::Pictures>(std::move(set.train), side);
    validation_ = std::make_unique<data::Pictures>(std::move(set.val), side);
    Progress progress(emit_, "load", "pictures");
    const int64_t total = training_->count() + validation_->count();
    const auto shown = [&](int64_t before) {
      return [&, before](int64_t done, int64_t) {
        if (leads()) progress.at(before + done, total);
      };
    };
    const int64_t listed = training_->count();
    auto left_out = set.left_out;
    left_out += training_->load(shown(0), options_.skip_bad, threads_);
    left_out += validation_->load(shown(listed), options_.skip_bad, threads_);
    for (const auto& event : data::summary(*training_, *validation_, set.notes, left_out))
      emit_leading(event);
  }

  void build_model() {
    const auto seed = static_cast<uint64_t>(options_.seed);
    const auto loaded = model::load_model(options_.model.rfind("volume:", 0) == 0
                                              ? contract::resolve_file(options_.model).string()
                                              : options_.model,
                                          seed, names_);
    if (loaded.task != "detect")
      throw base::Error(base::ErrorKind::invalid,
                        cat(loaded.source, " is for the task '", loaded.task,
                            "': training from it would drop what it has beside the boxes"),
                        "Take the detection model of the same size.");
    model_ = loaded.detector;
    averaged_ = model::make_model(model_->architecture().name, seed, names_).detector;
    averaged_->set_activation(model_->activation());
    for (auto* detector : {model_.get(), averaged_.get()}) {
      detector->to(device_);
      use_channels_last(*detector);
    }
    for (auto& parameter : averaged_->parameters()) parameter.set_requires_grad(false);
    schedule_ = make_schedule(options_, training_->count(), static_cast<int64_t>(names_.size()));
    optimizer_ = std::make_unique<Optimizer>(
        *model_, Optimizer::Settings{schedule_.rule, schedule_.weight_decay});
    average_ = std::make_unique<Average>(model::state(*averaged_), model::state(*model_),
                                         options_.ema_tau);
    augmentation_ = {options_.mosaic, options_.scale, options_.translate, options_.hsv_h,
                     options_.hsv_s,  options_.hsv_v, options_.fliplr};
  }

  /// All tensors that make up the run, by name; not copies.
  NamedTensors remembered() const {
    NamedTensors all;
    for (const auto& [name, tensor] : model::state(*model_))
      all.emplace_back("model/" + name, tensor);
    for (const auto& [name, tensor] : model::state(*averaged_))
      all.emplace_back("average/" + name, tensor);
    for (const auto& [name, tensor] : optimizer_->state())
      all.emplace_back("optimizer/" + name, tensor);
    return all;
  }

  /// What must be the same for a resumed run to be the same run.
  json identity() const {
    auto all = contract::options_to_json(options_);
    for (const auto* free : {"data", "output", "resume", "overwrite", "skip_bad", "log_steps",
                             "threads", "device", "model", "patience", "val_interval", "max_steps"})
      all.erase(free);
    all["architecture"] = model_->architecture().name;
    all["names"] = names_;
    all["pictures"] = training_->count();
    return all;
  }

  void read_state() {
    const auto state = read_run_state(output_ / "state.safetensors", remembered(), identity(),
                                      contract::options_to_json(contract::TrainOptions()));
    if (state) stand_at(*state);
  }

  void stand_at(const RunState& state) {
    epoch_ = state.epoch;
    batch_ = state.batch;
    best_ = state.best;
    best_epoch_ = state.best_epoch;
    latest_ = {state.map50, state.map50_95};
    best50_ = state.best_map50;
    optimizer_->set_steps(state.steps);
    average_->set_updates(state.steps);
    resumed_ = true;
  }

  RunState state() const {
    return {epoch_, batch_,  optimizer_->steps(), best_epoch_,
            best_,  best50_, latest_.first,       latest_.second};
  }

  /// Rank 0 alone reads the folder: on a network volume the others might see an older state.
  void share_state() {
    if (group_->size() == 1) return;
    auto resumed = torch::full({1}, static_cast<int64_t>(resumed_));
    group_->broadcast(resumed);
    if (resumed.item<int64_t>() == 0) return;
    auto here = state();
    auto numbers = torch::from_blob(&here, {sizeof here}, torch::kUInt8);
    group_->broadcast(numbers);
    const torch::NoGradGuard no_gradients;
    for (const auto& [name, tensor] : remembered()) {
      auto copy = tensor.cpu().contiguous();
      group_->broadcast(copy);
      tensor.copy_(copy);
    }
    if (!leads()) stand_at(here);
  }

  /// A run that is complete stays as it is when it is started again.
  bool is_over() const {
    const bool validated = batch_ == 0 && epoch_ > 0 && epoch_ % options_.val_interval == 0;
    return (options_.max_steps > 0 && optimizer_->steps() >= options_.max_steps) ||
           (options_.patience > 0 && validated && epoch_ - best_epoch_ >= options_.patience);
  }

  void save_state() const {
    if (!leads()) return;
    write_run_state(output_ / "state.safetensors", remembered(), identity(), state());
  }

  void announce() const {
    const auto picked = schedule_.rule == Rule::adamw   ? "adamw"
                        : schedule_.rule == Rule::musgd ? "musgd"
                                                        : "sgd";
    json fields = {{"mode", "train"},
                   {"model", model_->architecture().name},
                   {"classes", names_},
                   {"device", device_name(device_)},
                   {"threads", threads_},
                   {"rank", membership_.rank},
                   {"world_size", membership_.world_size},
                   {"train_pictures", training_->count()},
                   {"val_pictures", validation_->count()},
                   {"epochs", options_.epochs},
                   {"optimizer", picked},
                   {"lr0", schedule_.lr0},
                   {"precision", precision_},
                   {"resumed_epoch", resumed_ ? json(epoch_) : json()},
                   {"resumed_steps", resumed_ ? json(optimizer_->steps()) : json()}};
    auto text = cat("Training ", model_->architecture().name, " (", names_.size(), " classes) on ",
                    training_->count(), " pictures at ", options_.imgsz, " px, ", options_.epochs,
                    " epochs, ", picked, " lr ", schedule_.lr0, ", ", precision_, " on ",
                    device_name(device_), " with ", threads_, " threads");
    if (group_->size() > 1) text += cat(", rank ", group_->rank(), " of ", group_->size());
    const bool complete = finished_ || epoch_ >= options_.epochs;
    if (resumed_ && complete)
      text += cat("; complete after epoch ", epoch_, ": nothing is left to train");
    else if (resumed_)
      text += cat("; going on after epoch ", epoch_, batch_ > 0 ? cat(" and batch ", batch_) : "");
    emit_({"start", text, fields});
  }

  void run_epoch() {
    const auto start = Clock::now();
    data_seconds_ = 0;
    const auto loss = learn_epoch();
    batch_ = 0;
    ++epoch_;
    end_epoch(loss, start);
  }

  /// From batch_ on to the epoch's end; the mean losses of its steps.
  StepLoss learn_epoch() {
    auto augmentation = augmentation_;
    if (epoch_ >= options_.epochs - options_.close_mosaic) augmentation.mosaic = 0;
    const auto seed = static_cast<uint64_t>(options_.seed);
    const int64_t epoch = epoch_;
    const double one_to_many = one_to_many_weight(epoch, options_.epochs);
    const auto making = data::making_for(device_);
    data::Prefetcher loader(batch_, schedule_.batches, 3, [=, this](int64_t b) {
      const auto global = data::global_batch(seed, epoch, b, options_.batch, training_->count());
      return data::training_batch(*training_, data::share(global, group_->rank(), group_->size()),
                                  seed, epoch, augmentation, making);
    });
    model_->train();
    model_->freeze_batch_norm(options_.eval_batch_norm);
    const auto total = (schedule_.batches - batch_) * options_.batch;
    Progress progress(emit_, cat("epoch ", epoch_ + 1, "/", options_.epochs), "images",
                      [this](double images_per_second) {
                        images_per_second_ = images_per_second;
                        return seconds_after_epoch(epoch_ + 1, true);
                      });
    if (leads()) progress.at(0, total);
    StepLoss sum;
    int64_t steps = 0, done = 0;
    while (batch_ < schedule_.batches) {
      const int64_t iteration = epoch_ * schedule_.batches + batch_;
      const auto asked = Clock::now();
      const auto batch = loader.next();
      data_seconds_ += seconds_since(asked);
      const bool stop = stepper_->add(batch, one_to_many);
      ++batch_;
      ++done;
      if (stepper_->pending() < schedule_.accumulate_at(iteration) && batch_ < schedule_.batches)
        continue;
      const auto loss = stepper_->step(schedule_.rates(iteration));
      log_step(loss);
      ++steps;
      sum.total += loss.total, sum.box += loss.box, sum.classes += loss.classes,
          sum.distance += loss.distance;
      if (leads())
        progress.at(done * options_.batch, total, cat("  loss ", fixed(loss.total, 3)),
                    {{"loss", loss.total}});
      if (options_.max_steps > 0 && optimizer_->steps() >= options_.max_steps) {
        finished_ = true;
        break;
      }
      if (stop) stop_after_saving();
    }
    // Stopped after the epoch's last step and started again: there is no loss to tell.
    const double n = steps > 0 ? static_cast<double>(steps) : std::nan("");
    return {sum.total / n, sum.box / n, sum.classes / n, sum.distance / n};
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
        static_cast<double>(validation_->count()) / images_per_second_ / 3);
    return static_cast<double>(batches * options_.batch) / images_per_second_ +
           static_cast<double>(validations) * validation;
  }

  void log_step(const StepLoss& loss) const {
    if (!options_.log_steps) return;
    char text[64];
    std::snprintf(text, sizeof text, "step %lld loss %.17g",
                  static_cast<long long>(optimizer_->steps()), loss.total);
    emit_leading(
        {"step",
         text,
         {{"step", optimizer_->steps()},
          {"loss", loss.total},
          {"items",
           {{"box", loss.box}, {"cls", loss.classes}, {distance_name(), loss.distance}}}}});
  }

  [[noreturn]] void stop_after_saving() {
    save_state();
    const auto path = (output_ / "state.safetensors").string();
    emit_leading({"saved", "Saved " + path, {{"path", path}, {"what", "state"}}});
    throw base::Error(base::ErrorKind::stopped,
                      cat("stopped after ", optimizer_->steps(),
                          " steps; the same run goes on from there, another one with --resume"));
  }

  const char* distance_name() const { return model_->reg_max() > 1 ? "dfl" : "l1"; }

  /// Batch-norm statistics are each rank's own; rank 0's are the ones that are tested and kept.
  void share_statistics() {
    if (group_->size() == 1) return;
    const torch::NoGradGuard no_gradients;
    for (auto* detector : {model_.get(), averaged_.get()}) {
      for (auto& buffer : detector->buffers()) {
        auto copy = buffer.cpu().contiguous();
        group_->broadcast(copy);
        buffer.copy_(copy);
      }
    }
  }

  void end_epoch(const StepLoss& loss, Clock::time_point start) {
    share_statistics();
    const bool last = epoch_ >= options_.epochs || finished_;
    bool stop_early = false;
    json line = {{"epoch", epoch_},
                 {"epochs", options_.epochs},
                 {"losses",
                  {{"total", loss.total},
                   {"box", loss.box},
                   {"cls", loss.classes},
                   {distance_name(), loss.distance}}}};
    auto text = cat("epoch ", epoch_, "/", options_.epochs, "  loss ", fixed(loss.total, 3),
                    " (box ", fixed(loss.box, 3), " cls ", fixed(loss.classes, 3), " ",
                    distance_name(), " ", fixed(loss.distance, 3), ")");
    bool better = false;
    line["train_seconds"] = seconds_since(start);
    line["data_seconds"] = data_seconds_;
    if (last || epoch_ % options_.val_interval == 0) {
      const auto began = Clock::now();
      Progress progress(emit_, "validate", "pictures",
                        [this](double) { return seconds_after_epoch(epoch_, false); });
      if (leads()) progress.at(0, validation_->count() / group_->size());
      const auto precision = validate(*averaged_, *validation_, 2 * options_.batch / group_->size(),
                                      device_, *group_, [&](int64_t done, int64_t total) {
                                        if (leads()) progress.at(done, total);
                                      });
      validation_seconds_ = seconds_since(began);
      latest_ = {precision.map50, precision.map50_95};
      better = precision.map50_95 > best_ || best_epoch_ == 0;
      if (better) best_ = precision.map50_95, best50_ = precision.map50, best_epoch_ = epoch_;
      line["map50"] = precision.map50;
      line["map50_95"] = precision.map50_95;
      text +=
          cat("  mAP50 ", fixed(precision.map50, 4), "  mAP50-95 ", fixed(precision.map50_95, 4));
      stop_early = options_.patience > 0 && epoch_ - best_epoch_ >= options_.patience;
    }
    line["seconds"] = seconds_since(start);
    save(line, better);
    emit_leading({"epoch", text + cat("  ", fixed(seconds_since(start), 1), " s"), line});
    if (stop_early && !last) {
      finished_ = true;
      emit_leading({"warning",
                    cat("no better mAP50-95 for ", options_.patience, " epochs: stopping early"),
                    json::object()});
    }
  }

  void save(const json& line, bool better) const {
    if (!leads()) return;
    const std::map<std::string, std::string> more = {{"epoch", std::to_string(epoch_)},
                                                     {"map50", fixed(latest_.first, 5)},
                                                     {"map50_95", fixed(latest_.second, 5)},
                                                     {"imgsz", std::to_string(options_.imgsz)}};
    model::save_weights(*averaged_, names_, output_ / "last.safetensors", more);
    if (better) model::save_weights(*averaged_, names_, output_ / "best.safetensors", more);
    std::ofstream results(output_ / "results.jsonl", std::ios::app);
    results << line.dump() << "\n" << std::flush;
    if (!results)
      throw base::Error(base::ErrorKind::failed,
                        (output_ / "results.jsonl").string() + ": cannot be written");
    save_state();
  }

  void report_result() const {
    const auto best = (output_ / "best.safetensors").string();
    emit_leading({"result",
                  cat("Best weights (epoch ", best_epoch_, "): ", best, "\nmAP50 ",
                      fixed(best50_, 4), "  mAP50-95 ", fixed(best_, 4)),
                  {{"best", best},
                   {"last", (output_ / "last.safetensors").string()},
                   {"best_epoch", best_epoch_},
                   {"epochs", epoch_},
                   {"steps", optimizer_->steps()},
                   {"map50", best50_},
                   {"map50_95", best_}}});
  }

  TrainOptions options_;
  Emit emit_;
  dist::Membership membership_;
  torch::Device device_ = torch::kCPU;
  std::string precision_;
  int64_t threads_ = 1;
  fs::path output_;
  std::optional<RunFolder> folder_;  // rank 0's
  std::vector<std::string> names_;
  std::unique_ptr<data::Pictures> training_, validation_;
  data::Augmentation augmentation_;
  std::shared_ptr<model::Detector> model_, averaged_;
  Schedule schedule_;
  std::unique_ptr<Optimizer> optimizer_;
  std::unique_ptr<Average> average_;
  std::unique_ptr<dist::Group> group_;
  std::unique_ptr<Stepper> stepper_;
  int64_t epoch_ = 0, batch_ = 0, best_epoch_ = 0;  // epochs done, batches done of the next one
  double best_ = 0, best50_ = 0;
  std::pair<double, double> latest_;
  double images_per_second_ = 1;              // in training, all ranks together
  double data_seconds_ = 0;                   // of this epoch, that training waited for pictures
  std::optional<double> validation_seconds_;  // of the latest one
  bool resumed_ = false, finished_ = false;
};

}  // namespace

void train(const TrainOptions& options, const dist::Membership& membership, const Emit& emit) {
  std::mutex mutex;
  Trainer(options, membership, [&](const contract::Event& event) {
    const std::lock_guard lock(mutex);
    emit(event);
  }).run();
}

void train(const TrainOptions& options, const Emit& emit) {
  train(options, dist::membership_from_environment(), emit);
}

}  // namespace lotse::runner::train
