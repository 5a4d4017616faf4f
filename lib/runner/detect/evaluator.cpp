#include "runner/detect/evaluator.h"

#include <algorithm>
#include <iomanip>
#include <sstream>

#include "base/strings.h"
#include "contract/file_reference.h"
#include "runner/detect/dataset.h"
#include "runner/detect/judge.h"
#include "runner/task/classes.h"
#include "runner/task/loading.h"
#include "runner/task/progress.h"

namespace lotse::runner::detect {

using base::cat;
using base::fixed;
using nlohmann::json;

namespace {

/// "-1" of a class without objects is no number.
json measured(double value) {
  return value < 0 ? json() : json(value);
}

json by_class(const Judgement& judgement, const std::vector<std::string>& names) {
  json all = json::array();
  for (size_t c = 0; c < names.size(); ++c) {
    all.push_back({{"name", names[c]},
                   {"objects", judgement.objects[c]},
                   {"precision", measured(judgement.point.class_precision[c])},
                   {"recall", measured(judgement.point.class_recall[c])},
                   {"map50", measured(judgement.field.class_ap50[c])},
                   {"map50_95", measured(judgement.field.class_ap50_95[c])}});
  }
  return all;
}

std::string class_table(const Judgement& judgement, const json& classes) {
  size_t widest = 5;
  for (const auto& one : classes)
    widest = std::max(widest, base::printable(one.at("name").get<std::string>()).size());
  std::ostringstream out;
  const auto row = [&](const std::string& name, int64_t objects, const json& precision,
                       const json& recall, const json& map50, const json& map50_95) {
    out << std::left << std::setw(static_cast<int>(widest)) << name << std::right << std::setw(9)
        << objects;
    for (const auto* value : {&precision, &recall, &map50, &map50_95})
      out << std::setw(11) << (value->is_null() ? "-" : fixed(value->get<double>(), 4));
    out << "\n";
  };
  out << std::left << std::setw(static_cast<int>(widest)) << "CLASS" << std::right
      << "  OBJECTS  PRECISION     RECALL      mAP50   mAP50-95\n";
  row("all", judgement.field.objects, judgement.point.precision, judgement.point.recall,
      judgement.field.map50, judgement.field.map50_95);
  for (const auto& one : classes)
    row(base::printable(one.at("name").get<std::string>()), one.at("objects"), one.at("precision"),
        one.at("recall"), one.at("map50"), one.at("map50_95"));
  return out.str();
}

task::Evaluation to_evaluation(const Judgement& judgement, const std::vector<std::string>& names) {
  const auto classes = by_class(judgement, names);
  const json details = {
      {"pictures", judgement.pictures},
      {"objects", judgement.field.objects},
      {"confidence", judgement.point.confidence},
      {"classes", classes},
      {"confusion", judgement.confusion},
      {"ms_per_picture", {{"predict", judgement.predict_ms}, {"other", judgement.other_ms}}}};
  return {
      metrics_of(judgement), details,
      cat(class_table(judgement, classes), judgement.pictures,
          " pictures; precision and recall at confidence ", fixed(judgement.point.confidence, 3),
          "; as COCO counts: mAP50 ", fixed(judgement.coco.map50, 4), "  mAP50-95 ",
          fixed(judgement.coco.map50_95, 4), "\n", fixed(judgement.predict_ms, 1),
          " ms a picture to predict, ", fixed(judgement.other_ms, 1), " ms for the rest")};
}

}  // namespace

BoxEvaluator::BoxEvaluator(const contract::ValOptions& options, const task::Place& place)
    : options_(options), place_(place) {}

task::Evaluation BoxEvaluator::evaluate(task::Model& model) {
  auto& detector = task::own<DetectModel>(model);
  const auto& pictures = load(detector.imgsz());
  task::check_classes(model.info().source, detector.names(), options_.data, names_, place_.emit);
  task::Progress progress(place_.emit, "validate", "pictures");
  const auto judgement = judge(
      detector, pictures, options_.batch, {options_.conf, options_.iou, options_.max_det, {}, true},
      place_.threads, [&](int64_t done, int64_t total) { progress.at(done, total); });
  return to_evaluation(judgement, names_);
}

/// Two models may take pictures of different sizes.
const Pictures& BoxEvaluator::load(int64_t side) {
  if (pictures_ != nullptr && pictures_->side() == side) return *pictures_;
  auto set = read_data_set(contract::resolve_file(options_.data), options_.skip_bad, Parts::val);
  names_ = set.names;
  pictures_ = std::make_unique<Pictures>(std::move(set.val), static_cast<int>(side));
  task::load_to_judge(*pictures_, set, options_.skip_bad, place_);
  return *pictures_;
}

}  // namespace lotse::runner::detect
