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

/// As detections are handed to pycocotools: cut to the picture, and it looks at the hundred most
/// confident ones of each class.
std::vector<Detection> for_coco(const detect::Seen& seen) {
  constexpr int64_t most = 100;
  auto found = seen.found;
  for (auto& one : found)
    for (size_t i = 0; i < 4; ++i)
      one.box[i] =
          std::clamp(one.box[i], 0.F, static_cast<float>(i % 2 == 0 ? seen.width : seen.height));
  std::stable_sort(found.begin(), found.end(), [](const Detection& a, const Detection& b) {
    return a.confidence > b.confidence;
  });
  std::map<int64_t, int64_t> of_class;
  std::erase_if(found, [&](const Detection& one) { return ++of_class[one.class_id] > most; });
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
      [&](const detect::Seen& seen) {
        rows.push_back(detect::match(seen.found, seen.truth));
        coco_rows.push_back(detect::match(for_coco(seen), seen.truth, detect::Counting::coco));
        confusion.add(seen.found, seen.truth);
        for (const auto& box : seen.truth) ++objects[static_cast<size_t>(box.class_id)];
      },
      progress);
  const auto taken = Clock::now() - begun;
  const auto all = torch::cat(rows);
  Evaluation result;
  result.pictures = pictures.count();
  result.field = detect::average_precision(all, objects);
  result.coco = detect::average_precision(torch::cat(coco_rows), objects, detect::Counting::coco);
  result.point = detect::operating_point(all, objects);
  result.objects = objects;
  result.confusion = confusion.counts();
  const auto count = static_cast<double>(std::max<int64_t>(pictures.count(), 1));
  result.predict_ms = milliseconds(predicting) / count;
  result.other_ms = milliseconds(taken - predicting) / count;
  return result;
}

}  // namespace lotse::runner::val
