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

/// An augmented picture at another size, and its boxes.
void resize_into(const media::Image& picture, int side, Labels& objects, uint8_t* pixels) {
  const double factor = static_cast<double>(side) / picture.width;
  const auto resized = media::resize(picture, side, side);
  std::copy(resized.rgb.begin(), resized.rgb.end(), pixels);
  for (auto& box : objects.boxes)
    for (double* value : {&box.x1, &box.y1, &box.x2, &box.y2}) *value *= factor;
}

/// The pictures that may be joined with one: those that stand before it in the epoch's order,
/// itself among them. They have just been decoded, so that a data set which fits in no memory is
/// decoded once an epoch; and they are the same for any number of ranks and threads.
class Neighbours {
 public:
  Neighbours(uint64_t seed, int64_t epoch, int64_t pictures)
      : count_(std::min(pictures, neighbours)) {
    if (pictures > neighbours) order_ = task::epoch_order(seed, epoch, pictures);
  }

  int64_t count() const { return count_; }
  /// Where the picture stands.
  int64_t place(int64_t index) const {
    return order_ ? order_->places[static_cast<size_t>(index)] : index;
  }
  /// Where the first of its neighbours stands; there are count() of them.
  int64_t first(int64_t index) const { return std::max<int64_t>(0, place(index) + 1 - count_); }
  int64_t at(int64_t place) const {
    return order_ ? order_->examples[static_cast<size_t>(place)] : place;
  }

 private:
  int64_t count_;
  std::shared_ptr<const task::Order> order_;  ///< null where all are neighbours: any order does
};

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
  const auto pixels = byte_canvases(pictures, count, side, side, making.pinned);
  const Neighbours near(seed, epoch, pictures.count());
  std::vector<std::vector<Box>> boxes(indices.size());
  media::on_threads(count, making.threads, [&](int64_t i) {
    const auto index = indices[static_cast<size_t>(i)];
    Random random(
        {task::augment_stream, seed, static_cast<uint64_t>(epoch), static_cast<uint64_t>(index)});
    std::vector<std::shared_ptr<const Sample>> alive;
    const auto first = near.first(index);
    const auto make = [&](uint8_t* into) {
      return augment(
          near.place(index) - first, near.count(), pictures.side(), settings, random,
          [&](int64_t other) -> const Sample& {
            alive.push_back(pictures.get(near.at(first + other)));
            return *alive.back();
          },
          into);
    };
    auto* const into = pixels[i].data_ptr<uint8_t>();
    Labels objects;
    if (side == pictures.side()) {
      objects = make(into);
    } else {
      auto picture = media::blank(pictures.side(), pictures.side(), 0);
      objects = make(picture.rgb.data());
      resize_into(picture, side, objects, into);
    }
    boxes[static_cast<size_t>(i)] = std::move(objects.boxes);
  });
  std::vector<double> rows;
  for (size_t i = 0; i < boxes.size(); ++i)
    for (const auto& box : boxes[i])
      rows.insert(rows.end(), {static_cast<double>(i), static_cast<double>(box.class_id), box.x1,
                               box.y1, box.x2, box.y2});
  return {pixels.permute({0, 3, 1, 2}), torch::tensor(rows, torch::kFloat64).reshape({-1, 6})};
}

}  // namespace lotse::runner::detect
