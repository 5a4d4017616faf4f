#include "runner/data/loader.h"

#include "runner/image/letterbox.h"

namespace lotse::runner::data {

namespace {

constexpr uint64_t order_stream = 1, augment_stream = 2;

void put(const Sample& sample, int64_t at, torch::Tensor& images, std::vector<double>& rows) {
  const auto side = images.size(2);
  auto* planes = images.data_ptr<uint8_t>() + at * 3 * side * side;
  const auto& rgb = sample.image.rgb;
  const auto pixels = static_cast<size_t>(side * side);
  for (size_t i = 0; i < pixels; ++i)
    for (size_t c = 0; c < 3; ++c) planes[c * pixels + i] = rgb[i * 3 + c];
  for (const auto& box : sample.boxes)
    rows.insert(rows.end(), {static_cast<double>(at), static_cast<double>(box.class_id), box.x1,
                             box.y1, box.x2, box.y2});
}

template <class Make>
Batch assemble(size_t count, int side, Make&& make) {
  Batch batch{torch::empty({static_cast<int64_t>(count), 3, side, side}, torch::kUInt8), {}};
  std::vector<double> rows;
  for (size_t i = 0; i < count; ++i) put(make(i), static_cast<int64_t>(i), batch.images, rows);
  batch.targets = torch::tensor(rows, torch::kFloat64).reshape({-1, 6});
  return batch;
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

Batch training_batch(const Pictures& pictures, const std::vector<int64_t>& indices, uint64_t seed,
                     int64_t epoch, const Augmentation& settings) {
  return assemble(indices.size(), pictures.side(), [&](size_t i) {
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

Batch validation_batch(const Pictures& pictures, const std::vector<int64_t>& indices) {
  return assemble(indices.size(), pictures.side(), [&](size_t i) {
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
