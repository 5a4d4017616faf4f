#include "runner/detect/batches.h"

#include <algorithm>
#include <cmath>

#include "runner/detect/canvases.h"
#include "runner/media/letterbox.h"
#include "runner/media/threads.h"
#include "runner/task/random.h"

namespace lotse::runner::detect {

using task::Batch;
using task::Making;
using task::Random;

namespace {

void make_square(Sample& sample, int side) {
  if (sample.image.width == side) return;
  const double factor = static_cast<double>(side) / sample.image.width;
  sample.image = media::resize(sample.image, side, side);
  for (auto& box : sample.boxes)
    for (double* value : {&box.x1, &box.y1, &box.x2, &box.y2}) *value *= factor;
}

}  // namespace

int drawn_side(int side, double part, uint64_t seed, int64_t epoch, int64_t batch) {
  constexpr int stride = 32;
  const int least = std::max(1, static_cast<int>(std::ceil(side * (1 - part) / stride))),
            most = static_cast<int>(std::floor(side * (1 + part) / stride));
  Random random(
      {task::size_stream, seed, static_cast<uint64_t>(epoch), static_cast<uint64_t>(batch)});
  return stride * (least + static_cast<int>(random.below(most - least + 1)));
}

Batch training_batch(const Pictures& pictures, const std::vector<int64_t>& indices, uint64_t seed,
                     int64_t epoch, const Augmentation& settings, const Making& making, int side) {
  if (side == 0) side = pictures.side();
  const auto count = static_cast<int64_t>(indices.size());
  const auto pixels = byte_canvases(count, side, side, making.pinned);
  std::vector<std::vector<Box>> boxes(indices.size());
  media::on_threads(count, making.threads, [&](int64_t i) {
    const auto index = indices[static_cast<size_t>(i)];
    Random random(
        {task::augment_stream, seed, static_cast<uint64_t>(epoch), static_cast<uint64_t>(index)});
    std::vector<std::shared_ptr<const Sample>> alive;
    auto sample = augment(index, pictures.count(), pictures.side(), settings, random,
                          [&](int64_t other) -> const Sample& {
                            alive.push_back(pictures.get(other));
                            return *alive.back();
                          });
    make_square(sample, side);
    std::copy(sample.image.rgb.begin(), sample.image.rgb.end(), pixels[i].data_ptr<uint8_t>());
    boxes[static_cast<size_t>(i)] = std::move(sample.boxes);
  });
  std::vector<double> rows;
  for (size_t i = 0; i < boxes.size(); ++i)
    for (const auto& box : boxes[i])
      rows.insert(rows.end(), {static_cast<double>(i), static_cast<double>(box.class_id), box.x1,
                               box.y1, box.x2, box.y2});
  return {pixels.permute({0, 3, 1, 2}), torch::tensor(rows, torch::kFloat64).reshape({-1, 6})};
}

}  // namespace lotse::runner::detect
