#include "runner/detect/predictor.h"

#include <ATen/Parallel.h>

#include "runner/detect/report.h"
#include "runner/device.h"

namespace lotse::runner::detect {

using media::Image;
using media::Letterbox;

namespace {

/// Pictures on their canvases, N x height x width x 3: pixel after pixel, which the network sees as
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
                            const std::vector<Letterbox>& plans, const torch::Device& device) {
  if (!device.is_cuda()) return put_on<float>(images, plans, false).permute({0, 3, 1, 2});
  const auto bytes = put_on<uint8_t>(images, plans, true);
  return unit_floats(bytes, device).permute({0, 3, 1, 2});
}

}  // namespace

Letterbox BoxPredictor::plan(const Image& picture) const {
  return media::plan_letterbox(
      picture.width, picture.height, static_cast<int>(model_.imgsz()),
      model_.info().exported ? media::Canvas::square : media::Canvas::rectangle);
}

std::pair<int, int> BoxPredictor::canvas(const Image& picture) const {
  const auto planned = plan(picture);
  return {planned.width, planned.height};
}

std::vector<std::vector<Detection>> BoxPredictor::detect(
    const std::vector<const Image*>& pictures) {
  std::vector<std::vector<Detection>> result;
  std::vector<const Image*> alike;
  std::vector<Letterbox> plans;
  for (const auto* picture : pictures) {
    const auto next = plan(*picture);
    const bool other =
        !plans.empty() && (next.width != plans.back().width || next.height != plans.back().height);
    if (other) {
      detect_alike(alike, plans, result);
      alike.clear();
      plans.clear();
    }
    alike.push_back(picture);
    plans.push_back(next);
  }
  if (!alike.empty()) detect_alike(alike, plans, result);
  return result;
}

void BoxPredictor::detect_alike(const std::vector<const Image*>& pictures,
                                const std::vector<Letterbox>& plans,
                                std::vector<std::vector<Detection>>& into) {
  auto found = model_.detect(network_input(pictures, plans, model_.info().device), selection_);
  for (size_t i = 0; i < pictures.size(); ++i) {
    for (auto& detection : found[i]) detection.box = plans[i].to_source(detection.box);
    into.push_back(std::move(found[i]));
  }
}

std::vector<task::PictureResult> BoxPredictor::predict(const std::vector<const Image*>& pictures) {
  const auto& names = model_.names();
  std::vector<task::PictureResult> results;
  for (auto& found : detect(pictures)) {
    const auto draw = [found, &names](Image& picture) { annotate(picture, found, names); };
    results.push_back({to_json(found, names), describe(found, names), draw});
  }
  return results;
}

}  // namespace lotse::runner::detect
