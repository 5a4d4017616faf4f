#include "runner/detect/validate.h"

#include <algorithm>
#include <numeric>

#include "runner/detect/output.h"
#include "runner/device.h"

namespace lotse::runner::detect {

namespace {

std::vector<TruthBox> truth_of(const std::vector<Box>& boxes) {
  std::vector<TruthBox> truth;
  for (const auto& box : boxes)
    truth.push_back({{static_cast<float>(box.x1), static_cast<float>(box.y1),
                      static_cast<float>(box.x2), static_cast<float>(box.y2)},
                     box.class_id});
  return truth;
}

}  // namespace

void look_at(const Pictures& pictures, const std::vector<Canvases>& canvases,
             const task::Making& making, const Predict& predict,
             const std::function<void(const Seen&)>& judge,
             const std::function<void(int64_t, int64_t)>& progress) {
  int64_t total = 0, done = 0;
  for (const auto& one : canvases) total += static_cast<int64_t>(one.pictures.size());
  task::Prefetcher<Laid> loader(0, static_cast<int64_t>(canvases.size()), 2, [&](int64_t b) {
    return lay(pictures, canvases[static_cast<size_t>(b)], making);
  });
  for (size_t b = 0; b < canvases.size(); ++b) {
    const auto laid = loader.next();
    auto found = predict(laid.images);
    for (size_t i = 0; i < found.size(); ++i) {
      const auto& sample = *laid.samples[i];
      for (auto& one : found[i]) one.box = laid.plans[i].beyond_source(one.box);
      judge({std::move(found[i]), truth_of(sample.boxes), truth_of(sample.crowds),
             sample.image.width, sample.image.height});
    }
    done += static_cast<int64_t>(found.size());
    if (progress) progress(done, total);
  }
}

Precision validate(Detector& detector, const Pictures& pictures, int64_t batch,
                   const torch::Device& device, dist::Group& group,
                   const std::function<void(int64_t, int64_t)>& progress) {
  const torch::NoGradGuard no_gradients;
  detector.eval();
  std::vector<int64_t> all(static_cast<size_t>(pictures.count()));
  std::iota(all.begin(), all.end(), int64_t{0});
  const auto mine = task::share(all, group.rank(), group.size());
  std::vector<torch::Tensor> rows = {
      torch::zeros({0, 2 + static_cast<int64_t>(thresholds)}, torch::kFloat64)};
  auto objects = torch::zeros({detector.classes()}, torch::kInt64);
  const auto head = choose_head("auto", detector);
  Selection selection;
  selection.confidence = 0.001;
  selection.multi_label = true;
  look_at(
      pictures, square_canvases(mine, pictures.side(), batch), task::making_for(device),
      [&](const torch::Tensor& images) {
        return detections_in(output_of(detector, unit_floats(images, device), head).cpu(), head,
                             selection);
      },
      [&](const Seen& seen) {
        rows.push_back(match(seen.found, seen.truth));
        for (const auto& box : seen.truth) objects[box.class_id] += 1;
      },
      progress);
  group.all_reduce(objects);
  const auto everything = group.gather_rows(torch::cat(rows));
  return average_precision(
      everything, {objects.data_ptr<int64_t>(), objects.data_ptr<int64_t>() + objects.numel()});
}

}  // namespace lotse::runner::detect
