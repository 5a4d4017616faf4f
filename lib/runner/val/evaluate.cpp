#include "runner/val/evaluate.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <numeric>

#include "base/interrupt.h"
#include "runner/detect/validate.h"
#include "runner/device.h"

namespace lotse::runner::val {

namespace {

using Clock = std::chrono::steady_clock;
using detect::Detection;

double milliseconds(Clock::duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

/// The hundred most confident ones of each class: pycocotools looks at no more.
std::vector<Detection> best_hundred(std::vector<Detection> found) {
  constexpr int64_t most = 100;
  std::stable_sort(found.begin(), found.end(), [](const Detection& a, const Detection& b) {
    return a.confidence > b.confidence;
  });
  std::map<int64_t, int64_t> seen;
  std::erase_if(found, [&](const Detection& one) { return ++seen[one.class_id] > most; });
  return found;
}

std::vector<detect::Canvases> canvases_for(const infer::EngineInfo& info,
                                           const detect::Pictures& pictures, int64_t batch,
                                           int64_t threads) {
  if (!info.exported)
    return detect::fitted_canvases(pictures.sizes(threads), pictures.side(), batch);
  std::vector<int64_t> all(static_cast<size_t>(pictures.count()));
  std::iota(all.begin(), all.end(), int64_t{0});
  return detect::square_canvases(all, pictures.side(), batch);
}

}  // namespace

std::vector<std::pair<std::string, double>> metrics_of(const Evaluation& evaluation) {
  return {{"map50", evaluation.field.map50},         {"map75", evaluation.field.map75},
          {"precision", evaluation.point.precision}, {"recall", evaluation.point.recall},
          {"coco_map50", evaluation.coco.map50},     {"coco_map50_95", evaluation.coco.map50_95},
          {"map50_95", evaluation.field.map50_95}};
}

Evaluation evaluate(infer::Engine& engine, const detect::Pictures& pictures, int64_t batch,
                    const detect::Selection& selection, int64_t threads,
                    const std::function<void(int64_t, int64_t)>& progress) {
  const auto classes = engine.info().names.size();
  const torch::Device device(engine.info().device);
  std::vector<torch::Tensor> rows, coco_rows;
  std::vector<int64_t> objects(classes);
  detect::Confusion confusion(classes);
  Clock::duration predicting{0};
  const auto begun = Clock::now();
  detect::look_at(
      pictures, canvases_for(engine.info(), pictures, batch, threads), task::making_for(device),
      [&](const torch::Tensor& images) {
        base::throw_if_interrupted();
        const auto asked = Clock::now();
        auto found = engine.detect(unit_floats(images, device), selection);
        predicting += Clock::now() - asked;
        return found;
      },
      [&](const std::vector<Detection>& found, const std::vector<detect::TruthBox>& truth) {
        rows.push_back(detect::match(found, truth));
        coco_rows.push_back(detect::match(best_hundred(found), truth));
        confusion.add(found, truth);
        for (const auto& box : truth) ++objects[static_cast<size_t>(box.class_id)];
      },
      progress);
  const auto taken = Clock::now() - begun;
  const auto all = torch::cat(rows);
  Evaluation result;
  result.pictures = pictures.count();
  result.field = detect::average_precision(all, objects);
  result.coco = detect::average_precision(torch::cat(coco_rows), objects, detect::Area::coco);
  result.point = detect::operating_point(all, objects);
  result.confusion = confusion.counts();
  const auto count = static_cast<double>(std::max<int64_t>(pictures.count(), 1));
  result.predict_ms = milliseconds(predicting) / count;
  result.other_ms = milliseconds(taken - predicting) / count;
  return result;
}

}  // namespace lotse::runner::val
