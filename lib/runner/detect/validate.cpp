#include "runner/detect/validate.h"

#include <algorithm>

#include "runner/detect/batches.h"
#include "runner/device.h"

namespace lotse::runner::detect {

namespace {

std::vector<std::vector<TruthBox>> truth_of(const torch::Tensor& targets, int64_t pictures) {
  std::vector<std::vector<TruthBox>> truth(static_cast<size_t>(pictures));
  const auto table = targets.accessor<double, 2>();
  for (int64_t i = 0; i < table.size(0); ++i) {
    TruthBox box;
    for (int64_t c = 0; c < 4; ++c)
      box.box[static_cast<size_t>(c)] = static_cast<float>(table[i][2 + c]);
    box.class_id = static_cast<int64_t>(table[i][1]);
    truth[static_cast<size_t>(table[i][0])].push_back(box);
  }
  return truth;
}

/// Detections of each picture of a batch.
std::vector<std::vector<Detection>> detect(Detector& detector, const torch::Tensor& images) {
  Selection selection;
  selection.confidence = 0.001;
  selection.multi_label = true;
  const bool end_to_end = detector.end_to_end();
  const auto outputs =
      detector.forward(images, end_to_end ? Heads::one_to_one : Heads::one_to_many);
  const auto decoded = decode(end_to_end ? *outputs.one_to_one : *outputs.one_to_many,
                              detector.strides(), detector.reg_max());
  std::vector<std::vector<Detection>> result;
  if (end_to_end) {
    const auto rows = top_k(decoded.boxes, decoded.logits, selection.max_detections).cpu();
    for (int64_t i = 0; i < rows.size(0); ++i) result.push_back(select(rows[i], selection));
  } else {
    const auto boxes = decoded.boxes.cpu(), scores = decoded.scores().cpu();
    for (int64_t i = 0; i < boxes.size(0); ++i)
      result.push_back(nms(boxes[i], scores[i], selection));
  }
  return result;
}

}  // namespace

Precision validate(Detector& detector, const Pictures& pictures, int64_t batch,
                   const torch::Device& device, dist::Group& group,
                   const std::function<void(int64_t, int64_t)>& progress) {
  const torch::NoGradGuard no_gradients;
  detector.eval();
  std::vector<int64_t> all(static_cast<size_t>(pictures.count()));
  for (size_t i = 0; i < all.size(); ++i) all[i] = static_cast<int64_t>(i);
  const auto mine = task::share(all, group.rank(), group.size());
  const auto count = static_cast<int64_t>(mine.size());
  const auto slice = [&](int64_t b) {
    return std::vector<int64_t>(mine.begin() + b * batch,
                                mine.begin() + std::min((b + 1) * batch, count));
  };
  const int64_t batches = (count + batch - 1) / batch;
  const auto making = task::making_for(device);
  task::Prefetcher loader(0, batches, 2,
                          [&](int64_t b) { return validation_batch(pictures, slice(b), making); });

  std::vector<torch::Tensor> rows = {
      torch::zeros({0, 2 + static_cast<int64_t>(thresholds)}, torch::kFloat64)};
  auto objects = torch::zeros({detector.classes()}, torch::kInt64);
  for (int64_t b = 0; b < batches; ++b) {
    const auto loaded = loader.next();
    const auto detections = detect(detector, unit_floats(loaded.inputs, device));
    const auto truth = truth_of(loaded.targets, loaded.inputs.size(0));
    for (size_t i = 0; i < truth.size(); ++i) {
      rows.push_back(match(detections[i], truth[i]));
      for (const auto& box : truth[i]) objects[box.class_id] += 1;
    }
    if (progress) progress(std::min((b + 1) * batch, count), count);
  }
  group.all_reduce(objects);
  const auto everything = group.gather_rows(torch::cat(rows));
  return average_precision(
      everything, {objects.data_ptr<int64_t>(), objects.data_ptr<int64_t>() + objects.numel()});
}

}  // namespace lotse::runner::detect
