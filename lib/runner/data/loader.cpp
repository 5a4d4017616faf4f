#include "runner/data/loader.h"

#include <ATen/Parallel.h>

#include <algorithm>

#include "runner/data/threads.h"
#include "runner/image/letterbox.h"

namespace lotse::runner::data {

namespace {

constexpr uint64_t order_stream = 1, augment_stream = 2;

template <class Make>
Batch assemble(size_t count, int side, const Making& making, Make&& make) {
  const auto bytes = torch::TensorOptions(torch::kUInt8).pinned_memory(making.pinned);
  const auto pixels = torch::empty({static_cast<int64_t>(count), side, side, 3}, bytes);
  std::vector<std::vector<Box>> boxes(count);
  on_threads(static_cast<int64_t>(count), making.threads, [&](int64_t i) {
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

std::vector<int64_t> global_batch(uint64_t seed, int64_t epoch, int64_t batch, int64_t batch_size,
                                  int64_t pictures) {
  const auto order =
      Random({order_stream, seed, static_cast<uint64_t>(epoch)}).permutation(pictures);
  std::vector<int64_t> indices;
  for (int64_t i = batch * batch_size; i < (batch + 1) * batch_size; ++i)
    indices.push_back(order[static_cast<size_t>(i % pictures)]);
  return indices;
}

std::vector<int64_t> share(const std::vector<int64_t>& batch, int64_t rank, int64_t world_size) {
  std::vector<int64_t> mine;
  for (auto i = static_cast<size_t>(rank); i < batch.size(); i += static_cast<size_t>(world_size))
    mine.push_back(batch[i]);
  return mine;
}

Making making_for(const torch::Device& device) {
  constexpr int at_a_time = 3;
  if (!device.is_cuda()) return {};
  return {std::max(1, at::get_num_threads() / at_a_time), true};
}

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
    const auto plan = image::plan_letterbox(source->image.width, source->image.height,
                                            pictures.side(), image::Canvas::square);
    Sample sample{image::letterbox(source->image, plan), source->boxes};
    for (auto& box : sample.boxes) {
      box.x1 += plan.left, box.x2 += plan.left;
      box.y1 += plan.top, box.y2 += plan.top;
    }
    return sample;
  });
}

Prefetcher::Prefetcher(int64_t first, int64_t end, int64_t depth,
                       std::function<Batch(int64_t)> make)
    : next_(first), end_(end), make_(std::move(make)) {
  for (int64_t i = 0; i < depth; ++i) start();
}

Prefetcher::~Prefetcher() = default;  // the futures of std::async wait for their threads

void Prefetcher::start() {
  if (next_ < end_) waiting_.push_back(std::async(std::launch::async, make_, next_++));
}

Batch Prefetcher::next() {
  auto batch = waiting_.front().get();
  waiting_.pop_front();
  start();
  return batch;
}

}  // namespace lotse::runner::data
