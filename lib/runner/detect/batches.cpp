#include "runner/detect/batches.h"

#include <algorithm>

#include "runner/media/letterbox.h"
#include "runner/media/threads.h"
#include "runner/task/random.h"

namespace lotse::runner::detect {

using task::Batch;
using task::Making;
using task::Random;

namespace {

template <class Make>
Batch assemble(size_t count, int side, const Making& making, Make&& make) {
  const auto bytes = torch::TensorOptions(torch::kUInt8).pinned_memory(making.pinned);
  const auto pixels = torch::empty({static_cast<int64_t>(count), side, side, 3}, bytes);
  std::vector<std::vector<Box>> boxes(count);
  media::on_threads(static_cast<int64_t>(count), making.threads, [&](int64_t i) {
    Sample sample = make(static_cast<size_t>(i));
    const auto& rgb = sample.image.rgb;
    std::copy(rgb.begin(), rgb.end(), pixels[i].template data_ptr<uint8_t>());
    boxes[static_cast<size_t>(i)] = std::move(sample.boxes);
  });
  std::vector<double> rows;
  for (size_t i = 0; i < count; ++i)
    for (const auto& box : boxes[i])
      rows.insert(rows.end(), {static_cast<double>(i), static_cast<double>(box.class_id), box.x1,
                               box.y1, box.x2, box.y2});
  return {pixels.permute({0, 3, 1, 2}), torch::tensor(rows, torch::kFloat64).reshape({-1, 6})};
}

}  // namespace

Batch training_batch(const Pictures& pictures, const std::vector<int64_t>& indices, uint64_t seed,
                     int64_t epoch, const Augmentation& settings, const Making& making) {
  return assemble(indices.size(), pictures.side(), making, [&](size_t i) {
    Random random(
        {augment_stream, seed, static_cast<uint64_t>(epoch), static_cast<uint64_t>(indices[i])});
    std::vector<std::shared_ptr<const Sample>> alive;
    return augment(indices[i], pictures.count(), pictures.side(), settings, random,
                   [&](int64_t index) -> const Sample& {
                     alive.push_back(pictures.get(index));
                     return *alive.back();
                   });
  });
}

Batch validation_batch(const Pictures& pictures, const std::vector<int64_t>& indices,
                       const Making& making) {
  return assemble(indices.size(), pictures.side(), making, [&](size_t i) {
    const auto source = pictures.get(indices[i]);
    const auto plan = media::plan_letterbox(source->image.width, source->image.height,
                                            pictures.side(), media::Canvas::square);
    Sample sample{media::letterbox(source->image, plan), source->boxes};
    for (auto& box : sample.boxes) {
      box.x1 += plan.left, box.x2 += plan.left;
      box.y1 += plan.top, box.y2 += plan.top;
    }
    return sample;
  });
}

}  // namespace lotse::runner::detect
