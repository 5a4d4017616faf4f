#include "runner/detect/canvases.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "runner/media/threads.h"

namespace lotse::runner::detect {

namespace {

/// Slices of at most `batch`.
std::vector<std::vector<int64_t>> in_batches(const std::vector<int64_t>& all, int64_t batch) {
  std::vector<std::vector<int64_t>> parts;
  const auto count = static_cast<int64_t>(all.size());
  for (int64_t at = 0; at < count; at += batch)
    parts.emplace_back(all.begin() + at, all.begin() + std::min(at + batch, count));
  return parts;
}

}  // namespace

std::vector<Canvases> square_canvases(const std::vector<int64_t>& pictures, int side,
                                      int64_t batch) {
  std::vector<Canvases> all;
  for (auto& part : in_batches(pictures, batch)) all.push_back({side, side, std::move(part)});
  return all;
}

std::vector<Canvases> fitted_canvases(const std::vector<std::pair<int, int>>& sizes, int side,
                                      int64_t batch, int stride) {
  const auto ratio = [&](int64_t i) {
    const auto& [width, height] = sizes[static_cast<size_t>(i)];
    return static_cast<double>(height) / width;
  };
  std::vector<int64_t> order(sizes.size());
  std::iota(order.begin(), order.end(), int64_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](int64_t a, int64_t b) { return ratio(a) < ratio(b); });
  // The longer side, `side` pixels, is in the middle of a canvas one stride longer.
  const auto canvas = [&](double part) {
    return static_cast<int>(std::ceil(part * side / stride + 0.5)) * stride;
  };
  std::vector<Canvases> all;
  for (auto& part : in_batches(order, batch)) {
    const double flattest = ratio(part.front()), tallest = ratio(part.back());
    const double height = tallest < 1 ? tallest : 1, width = flattest > 1 ? 1 / flattest : 1;
    all.push_back({canvas(width), canvas(height), std::move(part)});
  }
  return all;
}

torch::Tensor byte_canvases(const Pictures& pictures, int64_t count, int height, int width,
                            bool pinned) {
  const std::vector<int64_t> sizes = {count, height, width, 3};
  // torch keeps what is pinned itself.
  if (pinned) return torch::empty(sizes, torch::TensorOptions(torch::kUInt8).pinned_memory(true));
  auto buffer = pictures.buffers().get(static_cast<size_t>(count) * static_cast<size_t>(height) *
                                       static_cast<size_t>(width) * 3);
  return torch::from_blob(
      buffer.get(), sizes, [buffer](void*) {}, torch::kUInt8);
}

Laid lay(const Pictures& pictures, const Canvases& canvases, const task::Making& making) {
  const auto count = static_cast<int64_t>(canvases.pictures.size());
  const auto pixels =
      byte_canvases(pictures, count, canvases.height, canvases.width, making.pinned);
  Laid laid;
  laid.plans.resize(canvases.pictures.size());
  laid.samples.resize(canvases.pictures.size());
  media::on_threads(count, making.threads, [&](int64_t i) {
    const auto at = static_cast<size_t>(i);
    laid.samples[at] = pictures.get(canvases.pictures[at]);
    const auto& picture = laid.samples[at]->image;
    laid.plans[at] = media::plan_on_canvas(picture.width, picture.height, canvases.width,
                                           canvases.height, false);
    media::letterbox_into(picture, laid.plans[at], 0, canvases.height,
                          pixels[i].data_ptr<uint8_t>());
  });
  laid.images = pixels.permute({0, 3, 1, 2});
  return laid;
}

}  // namespace lotse::runner::detect
