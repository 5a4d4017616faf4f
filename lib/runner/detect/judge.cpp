#include "runner/detect/judge.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <numeric>

#include "base/interrupt.h"
#include "runner/detect/validate.h"
#include "runner/device.h"

namespace lotse::runner::detect {

namespace {

using JudgeClock = std::chrono::steady_clock;

double milliseconds(JudgeClock::duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

/// As detections are handed to pycocotools: cut to the picture, and it looks at the hundred most
/// confident ones of each class.
std::vector<Detection> for_coco(const Seen& seen) {
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

std::vector<Canvases> canvases_for(const DetectModel& model, const Pictures& pictures,
                                   int64_t batch, int64_t threads) {
  if (!model.info().exported)
    return fitted_canvases(pictures.sizes(threads), pictures.side(), batch);
  std::vector<int64_t> all(static_cast<size_t>(pictures.count()));
  std::iota(all.begin(), all.end(), int64_t{0});
  return square_canvases(all, pictures.side(), batch);
}

}  // namespace

std::vector<std::pair<std::string, double>> metrics_of(const Judgement& judgement) {
  return {{"map50", judgement.field.map50},         {"map75", judgement.field.map75},
          {"precision", judgement.point.precision}, {"recall", judgement.point.recall},
          {"coco_map50", judgement.coco.map50},     {"coco_map50_95", judgement.coco.map50_95},
          {"map50_95", judgement.field.map50_95}};
}

Judgement judge(DetectModel& model, const Pictures& pictures, int64_t batch,
                const Selection& selection, int64_t threads,
                const std::function<void(int64_t, int64_t)>& progress) {
  const auto classes = model.names().size();
  const auto device = model.info().device;
  std::vector<torch::Tensor> rows, coco_rows;
  std::vector<int64_t> objects(classes);
  Confusion confusion(classes);
  JudgeClock::duration predicting{0};
  const auto begun = JudgeClock::now();
  look_at(
      pictures, canvases_for(model, pictures, batch, threads), task::making_for(device),
      [&](const torch::Tensor& images) {
        base::throw_if_interrupted();
        const auto asked = JudgeClock::now();
        auto found = model.detect(unit_floats(images, device), selection);
        predicting += JudgeClock::now() - asked;
        return found;
      },
      [&](const Seen& seen) {
        rows.push_back(match(seen.found, seen.truth));
        coco_rows.push_back(match(for_coco(seen), seen.truth, Counting::coco, seen.crowds));
        confusion.add(seen.found, seen.truth);
        for (const auto& box : seen.truth) ++objects[static_cast<size_t>(box.class_id)];
      },
      progress);
  const auto taken = JudgeClock::now() - begun;
  const auto all = torch::cat(rows);
  Judgement result;
  result.pictures = pictures.count();
  result.field = average_precision(all, objects);
  result.coco = average_precision(torch::cat(coco_rows), objects, Counting::coco);
  result.point = operating_point(all, objects);
  result.objects = objects;
  result.confusion = confusion.counts();
  const auto count = static_cast<double>(std::max<int64_t>(pictures.count(), 1));
  result.predict_ms = milliseconds(predicting) / count;
  result.other_ms = milliseconds(taken - predicting) / count;
  return result;
}

}  // namespace lotse::runner::detect
