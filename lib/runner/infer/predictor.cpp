#include "runner/infer/predictor.h"

#include <ATen/Parallel.h>

#include "runner/device.h"

namespace lotse::runner::infer {

using media::Image;
using media::Letterbox;

namespace {

/// Pictures on their canvases, N x height x width x 3: pixel after pixel, which the engine sees as
/// channels-last and need not turn round. Bytes, or floats in [0, 1].
template <class Value>
torch::Tensor put_on(const std::vector<const Image*>& images, const std::vector<Letterbox>& plans,
                     bool pinned) {
  const int64_t height = plans[0].height, width = plans[0].width;
  auto canvas =
      torch::empty({static_cast<int64_t>(images.size()), height, width, 3},
                   torch::TensorOptions(torch::CppTypeToScalarType<Value>()).pinned_memory(pinned));
  constexpr int64_t least_rows = 32;  // less is not worth another thread
  for (size_t i = 0; i < images.size(); ++i) {
    auto* pixels = canvas.data_ptr<Value>() + static_cast<int64_t>(i) * 3 * height * width;
    at::parallel_for(0, height, least_rows, [&](int64_t begin, int64_t end) {
      media::letterbox_into(*images[i], plans[i], static_cast<int>(begin), static_cast<int>(end),
                            pixels);
    });
  }
  return canvas;
}

/// N x 3 x height x width, floats in [0, 1].
torch::Tensor network_input(const std::vector<const Image*>& images,
                            const std::vector<Letterbox>& plans, const std::string& device) {
  if (device.rfind("cuda", 0) != 0)
    return put_on<float>(images, plans, false).permute({0, 3, 1, 2});
  const auto bytes = put_on<uint8_t>(images, plans, true);
  return unit_floats(bytes, torch::Device(device)).permute({0, 3, 1, 2});
}

}  // namespace

Letterbox Predictor::plan(const Image& image) const {
  const auto& info = engine_.info();
  return media::plan_letterbox(image.width, image.height, static_cast<int>(info.imgsz),
                               info.exported ? media::Canvas::square : media::Canvas::rectangle);
}

std::vector<std::vector<detect::Detection>> Predictor::predict(
    const std::vector<const Image*>& images) {
  std::vector<std::vector<detect::Detection>> result;
  std::vector<const Image*> alike;
  std::vector<Letterbox> plans;
  for (const auto* image : images) {
    const auto next = plan(*image);
    const bool other =
        !plans.empty() && (next.width != plans.back().width || next.height != plans.back().height);
    if (other) {
      predict_alike(alike, plans, result);
      alike.clear();
      plans.clear();
    }
    alike.push_back(image);
    plans.push_back(next);
  }
  if (!alike.empty()) predict_alike(alike, plans, result);
  return result;
}

void Predictor::predict_alike(const std::vector<const Image*>& images,
                              const std::vector<Letterbox>& plans,
                              std::vector<std::vector<detect::Detection>>& into) {
  auto found = engine_.detect(network_input(images, plans, engine_.info().device), selection_);
  for (size_t i = 0; i < images.size(); ++i) {
    for (auto& detection : found[i]) detection.box = plans[i].to_source(detection.box);
    into.push_back(std::move(found[i]));
  }
}

void Predictor::warm_up() {
  const auto side = static_cast<int>(engine_.info().imgsz);
  const Image grey = media::blank(side, side, 114);
  for (int i = 0; i < 2; ++i) predict({&grey});
}

}  // namespace lotse::runner::infer
