#include "runner/detect/learner.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/strings.h"
#include "contract/file_reference.h"
#include "runner/detect/batches.h"
#include "runner/detect/load.h"
#include "runner/detect/loss.h"
#include "runner/detect/summary.h"
#include "runner/detect/validate.h"
#include "runner/device.h"
#include "runner/nn/freeze.h"
#include "runner/task/autocast.h"
#include "runner/task/loading.h"

namespace lotse::runner::detect {

using base::cat;
using contract::TrainOptions;
using nlohmann::json;

namespace {

/// "model.23." of a detector whose last row, the head, has parameters of that name.
std::string head_of(const Detector& detector) {
  const auto last = detector.named_parameters().pairs().back().first;
  return last.substr(0, last.find('.', last.find('.') + 1) + 1);
}

/// As the options say; without what mixes pictures in the `last_epochs`.
Augmentation augmentation(const contract::DetectAugmentOptions& options, bool last_epochs) {
  Augmentation result;
  result.mosaic = options.mosaic;
  result.mosaic9 = options.mosaic9;
  result.mixup = options.mixup;
  result.cutmix = options.cutmix;
  result.copy_paste = options.copy_paste;
  if (last_epochs) result.mosaic = result.mixup = result.cutmix = result.copy_paste = 0;
  result.scale = options.scale;
  result.translate = options.translate;
  result.degrees = options.degrees;
  result.shear = options.shear;
  result.perspective = options.perspective;
  result.hsv_h = options.hsv_h;
  result.hsv_s = options.hsv_s;
  result.hsv_v = options.hsv_v;
  result.fliplr = options.fliplr;
  result.flipud = options.flipud;
  result.bgr = options.bgr;
  return result;
}

std::set<int64_t> frozen_rows(const TrainOptions& options) {
  std::set<int64_t> rows(options.freeze_layers.begin(), options.freeze_layers.end());
  for (int64_t i = 0; i < options.freeze; ++i) rows.insert(i);
  return rows;
}

class DetectLearner : public task::Learner {
 public:
  DetectLearner(const TrainOptions& options, const task::Place& place)
      : options_(options),
        place_(place),
        making_(task::making_for(place.device)),
        frozen_(frozen_rows(options)),
        gains_{options.box, options.cls, options.dfl} {
    if (options_.imgsz == 0) options_.imgsz = standard_side;
    if (options_.imgsz % 32 != 0)
      throw base::Error({{"imgsz", cat("is ", options_.imgsz, ", not a multiple of 32"), ""}});
    if (options_.cache == "disk" && options_.cache_folder.empty())
      throw base::Error({{"cache", "disk needs --cache-folder", ""}});
    read_data();
    build();
    if (options_.cls_pw > 0)
      gains_.class_weights = class_weights(objects_by_class(), options_.cls_pw).to(place_.device);
  }

  std::string task() const override { return "detect"; }
  torch::nn::Module& model() override { return *model_; }
  torch::nn::Module& averaged() override { return *averaged_; }
  void begin_learning() override {
    model_->train();
    nn::freeze_batch_norm(*model_, options_.eval_batch_norm);
    nn::freeze_rows(*model_, frozen_);
  }

  int64_t examples() const override { return training_->count(); }
  int64_t validation_examples() const override { return validation_->count(); }
  int64_t classes() const override { return static_cast<int64_t>(names_.size()); }

  task::Batch training_batch(const std::vector<int64_t>& indices, int64_t epoch,
                             int64_t batch) const override {
    const auto seed = static_cast<uint64_t>(options_.seed);
    const bool last_epochs = epoch >= options_.epochs - options_.close_mosaic;
    const int side =
        drawn_side(static_cast<int>(options_.imgsz), options_.multi_scale, seed, epoch, batch);
    return detect::training_batch(*training_, indices, seed, epoch,
                                  augmentation(options_, last_epochs), making_, side);
  }

  std::vector<std::string> loss_names() const override {
    return {"box", "cls", model_->reg_max() > 1 ? "dfl" : "l1"};
  }

  std::vector<task::HeadLoss> losses(const task::Batch& batch, int64_t epoch) override {
    const auto outputs = forward(batch.inputs);
    auto objects = pad_objects(batch.targets, batch.inputs.size(0));
    objects = {objects.boxes.to(place_.device), objects.classes.to(place_.device),
               objects.valid.to(place_.device)};
    return detect::losses(*model_, outputs, objects, batch.inputs.size(3), batch.inputs.size(2),
                          gains_, one_to_many_weight(epoch, options_.epochs));
  }

  /// The class branches of the heads learn faster.
  double musgd_rate(const std::string& parameter) const override {
    constexpr double class_branch_rate = 3;
    const bool classes =
        parameter.starts_with(head_ + "cv3.") || parameter.starts_with(head_ + "one2one_cv3.");
    return classes ? class_branch_rate : 1;
  }

  std::vector<task::Metric> metrics() const override {
    return {{"map50", "mAP50"}, {"map50_95", "mAP50-95"}};
  }

  std::vector<double> validate(int64_t batch, dist::Group& group,
                               const std::function<void(int64_t, int64_t)>& progress) override {
    const auto precision =
        detect::validate(*averaged_, *validation_, batch, place_.device, group, progress);
    return {precision.map50, precision.map50_95};
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
            validation_->count()};
  }

  void read_data() {
    auto set = read_data_set(contract::resolve_file(options_.data), options_.skip_bad);
    names_ = set.names;
    const auto side = static_cast<int>(options_.imgsz);
    check_outlines(set.train);
    task::Keeping keeping = {options_.cache, contract::resolve_file(options_.cache_folder)};
    validation_ = std::make_unique<Pictures>(std::move(set.val), side, keeping);
    keeping.recent = recent_pictures;
    training_ = std::make_unique<Pictures>(std::move(set.train), side, keeping);
    auto left_out = set.left_out;
    left_out += task::load_both(*training_, *validation_, options_.skip_bad, place_);
    if (!place_.leads) return;
    for (const auto& event : summary(*training_, *validation_, set.notes, left_out))
      place_.emit(event);
  }

  void check_outlines(const std::vector<Item>& items) const {
    const auto has_outline = [](const Item& item) { return !item.outlines.empty(); };
    if (options_.copy_paste > 0 && std::none_of(items.begin(), items.end(), has_outline))
      throw base::Error(
          {{"copy_paste",
            "needs outlines, and no label of the training set has one: boxes alone "
            "do not say which pixels are the object's",
            "A label with an outline is \"class x1 y1 x2 y2 x3 y3 ...\"; in COCO's JSON it "
            "is an annotation's segmentation."}});
  }

  std::vector<int64_t> objects_by_class() const {
    std::vector<int64_t> counts(names_.size());
    for (const auto& item : training_->items())
      for (const auto& box : item.boxes) ++counts[static_cast<size_t>(box.class_id)];
    return counts;
  }

  void build() {
    const auto seed = static_cast<uint64_t>(options_.seed);
    const auto loaded = load_model(options_.model.rfind("volume:", 0) == 0
                                       ? contract::resolve_file(options_.model).string()
                                       : options_.model,
                                   seed, names_);
    if (loaded.task != "detect")
      throw base::Error(base::ErrorKind::invalid,
                        cat(loaded.source, " is for the task '", loaded.task,
                            "': training from it would drop what it has beside the boxes"),
                        "Take the detection model of the same size.");
    model_ = loaded.detector;
    head_ = head_of(*model_);
    averaged_ = make_model(model_->architecture().name, seed, names_).detector;
    averaged_->set_activation(model_->activation());
    nn::freeze_rows(*model_, frozen_);
    if (place_.leads && !loaded.fresh)
      place_.emit(task::loaded(loaded.source, loaded.transferred, loaded.tensors));
    for (auto* detector : {model_.get(), averaged_.get()}) {
      detector->to(place_.device);
      nn::to_channels_last(*detector);
    }
  }

  Outputs forward(const torch::Tensor& pictures) {
    const auto images = unit_floats(pictures, place_.device);
    const task::Autocast autocast(place_.bf16, place_.device.type());
    return model_->forward(images, Heads::both);
  }

  TrainOptions options_;
  task::Place place_;
  task::Making making_;
  std::vector<std::string> names_;
  std::unique_ptr<Pictures> training_, validation_;
  std::shared_ptr<Detector> model_, averaged_;
  std::string head_;  ///< what the names of its parameters begin with
  std::set<int64_t> frozen_;
  LossGains gains_;
};

}  // namespace

std::unique_ptr<task::Learner> make_learner(const TrainOptions& options, const task::Place& place) {
  return std::make_unique<DetectLearner>(options, place);
}

}  // namespace lotse::runner::detect
