#include <iomanip>
#include <sstream>

#include "base/error.h"
#include "base/strings.h"
#include "cli/runner/modes.h"
#include "cli/runner/start.h"
#include "contract/exit_code.h"
#include "contract/file_reference.h"
#include "runner/detect/dataset.h"
#include "runner/device.h"
#include "runner/task/progress.h"
#include "runner/val/evaluate.h"
#include "runner/val/gate.h"

namespace lotse::cli::runner {

namespace {

namespace infer = lotse::runner::infer;
namespace detect = lotse::runner::detect;
namespace task = lotse::runner::task;
namespace val = lotse::runner::val;
using base::cat;
using base::fixed;
using contract::ValOptions;
using nlohmann::json;

json to_json(const val::Metrics& metrics) {
  json all;
  for (const auto& [name, value] : metrics) all[name] = value;
  return all;
}

/// The part `val` of a data set, decoded as large as the model takes pictures.
class Validation {
 public:
  Validation(const ValOptions& options, int64_t threads, Output& output)
      : options_(options), threads_(threads), output_(output) {
    emit_ = [this](const contract::Event& event) { output_.print(event); };
  }

  val::Evaluation evaluate(infer::Engine& engine) {
    const auto& info = engine.info();
    const auto& pictures = load(info.imgsz);
    check_classes(info);
    task::Progress progress(emit_, "validate", "pictures");
    return val::evaluate(engine, pictures, options_.batch,
                         {options_.conf, options_.iou, options_.max_det, {}, true}, threads_,
                         [&](int64_t done, int64_t total) { progress.at(done, total); });
  }

  const std::vector<std::string>& names() const { return names_; }

 private:
  /// Two models may take pictures of different sizes.
  const detect::Pictures& load(int64_t side) {
    if (pictures_ != nullptr && pictures_->side() == side) return *pictures_;
    auto set = detect::read_data_set(contract::resolve_file(options_.data), options_.skip_bad);
    names_ = set.names;
    pictures_ = std::make_unique<detect::Pictures>(std::move(set.val), static_cast<int>(side));
    task::Progress progress(emit_, "load", "pictures");
    auto left_out = set.left_out;
    left_out += pictures_->load([&](int64_t done, int64_t total) { progress.at(done, total); },
                                options_.skip_bad, threads_);
    for (const auto& note : set.notes) output_.print({"warning", note, {}});
    if (!left_out.empty()) output_.print({"warning", left_out.warning(), {}});
    return *pictures_;
  }

  void check_classes(const infer::EngineInfo& info) {
    if (info.names.size() != names_.size())
      throw base::Error({{info.source,
                          cat("tells ", info.names.size(), " classes apart, ", options_.data,
                              " has ", names_.size()),
                          "Take the data set, or the model, that belongs to it."}});
    if (info.names != names_)
      output_.print({"warning",
                     cat(info.source, " names its classes otherwise than ", options_.data,
                         ": they are compared by their numbers"),
                     {}});
  }

  const ValOptions& options_;
  int64_t threads_;
  Output& output_;
  task::Emit emit_;
  std::vector<std::string> names_;
  std::unique_ptr<detect::Pictures> pictures_;
};

std::unique_ptr<infer::Engine> load(const ValOptions& options, const std::string& model,
                                    Output& output) {
  auto engine = infer::load_engine({contract::resolve_file(model).string(), options.imgsz,
                                    options.seed, options.head, options.precision, options.device});
  print_start("val", engine->info(), output);
  return engine;
}

/// "-1" of a class without objects is no number.
json number(double value) {
  return value < 0 ? json() : json(value);
}

json classes_of(const val::Evaluation& evaluation, const std::vector<std::string>& names) {
  json all = json::array();
  for (size_t c = 0; c < names.size(); ++c) {
    all.push_back({{"name", names[c]},
                   {"objects", evaluation.objects[c]},
                   {"precision", number(evaluation.point.class_precision[c])},
                   {"recall", number(evaluation.point.class_recall[c])},
                   {"map50", number(evaluation.field.class_ap50[c])},
                   {"map50_95", number(evaluation.field.class_ap50_95[c])}});
  }
  return all;
}

std::string table(const val::Evaluation& evaluation, const json& classes) {
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
  row("all", evaluation.field.objects, evaluation.point.precision, evaluation.point.recall,
      evaluation.field.map50, evaluation.field.map50_95);
  for (const auto& one : classes)
    row(base::printable(one.at("name").get<std::string>()), one.at("objects"), one.at("precision"),
        one.at("recall"), one.at("map50"), one.at("map50_95"));
  return out.str();
}

void print_result(const infer::EngineInfo& info, const val::Evaluation& evaluation,
                  const std::vector<std::string>& names, const json& compared, Output& output) {
  const auto classes = classes_of(evaluation, names);
  auto text = table(evaluation, classes);
  text += cat(evaluation.pictures, " pictures; precision and recall at confidence ",
              fixed(evaluation.point.confidence, 3), "; as COCO counts: mAP50 ",
              fixed(evaluation.coco.map50, 4), "  mAP50-95 ", fixed(evaluation.coco.map50_95, 4),
              "\n", fixed(evaluation.predict_ms, 1), " ms a picture to predict, ",
              fixed(evaluation.other_ms, 1), " ms for the rest");
  json fields = {
      {"model", info.source},
      {"pictures", evaluation.pictures},
      {"objects", evaluation.field.objects},
      {"metrics", to_json(val::metrics_of(evaluation))},
      {"confidence", evaluation.point.confidence},
      {"classes", classes},
      {"confusion", evaluation.confusion},
      {"ms_per_picture", {{"predict", evaluation.predict_ms}, {"other", evaluation.other_ms}}},
      {"compared", compared}};
  output.print({"result", text, fields});
}

}  // namespace

int run_val(const ValOptions& options, Output& output) {
  std::vector<std::string> metrics;
  for (const auto& [name, value] : val::metrics_of({})) metrics.push_back(name);
  auto limits = val::read_limits(options, metrics);
  const auto threads = lotse::runner::set_threads(options.threads);
  Validation validation(options, threads, output);
  json compared;
  if (!options.not_below.empty()) {
    const auto earlier = load(options, options.not_below, output);
    const auto earlier_metrics = val::metrics_of(validation.evaluate(*earlier));
    compared = {{"model", earlier->info().source}, {"metrics", to_json(earlier_metrics)}};
    for (const auto& [name, value] : earlier_metrics)
      if (name == options.metric)
        limits.push_back({name, value - options.by, cat("--not-below ", options.not_below)});
  }
  const auto engine = load(options, options.model, output);
  const auto evaluation = validation.evaluate(*engine);
  print_result(engine->info(), evaluation, validation.names(), compared, output);
  std::vector<std::string> short_of;
  for (const auto& limit : limits)
    if (const auto text = val::shortfall(limit, val::metrics_of(evaluation)))
      short_of.push_back(*text);
  if (short_of.empty()) return contract::exit_done;
  throw base::Error(
      base::ErrorKind::failed,
      cat(engine->info().source, " is not good enough: ", base::join(short_of, "; ")));
}

}  // namespace lotse::cli::runner
