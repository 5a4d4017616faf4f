#include "runner/classify/predictor.h"

#include <algorithm>

#include "runner/classify/pictures.h"
#include "runner/device.h"

namespace lotse::runner::classify {

namespace {

/// The likeliest first; of equal ones the one that comes first.
std::vector<Guess> best_of(const torch::Tensor& probabilities) {
  constexpr size_t most = 5;
  std::vector<Guess> all;
  const auto row = probabilities.contiguous();
  for (int64_t c = 0; c < row.numel(); ++c) all.emplace_back(c, row.data_ptr<float>()[c]);
  std::stable_sort(all.begin(), all.end(),
                   [](const Guess& a, const Guess& b) { return a.second > b.second; });
  all.resize(std::min(all.size(), most));
  return all;
}

}  // namespace

std::pair<int, int> ClassPredictor::canvas(const media::Image& /*picture*/) const {
  const auto side = static_cast<int>(model_.side());
  return {side, side};
}

std::vector<task::PictureResult> ClassPredictor::predict(
    const std::vector<const media::Image*>& pictures) {
  const auto side = model_.side();
  const auto squares =
      torch::empty({static_cast<int64_t>(pictures.size()), side, side, 3}, torch::kUInt8);
  for (size_t i = 0; i < pictures.size(); ++i) {
    const auto square = centre_square(*pictures[i], static_cast<int>(side));
    std::copy(square.rgb.begin(), square.rgb.end(),
              squares[static_cast<int64_t>(i)].data_ptr<uint8_t>());
  }
  const auto images = unit_floats(squares.permute({0, 3, 1, 2}), model_.info().device);
  const auto probabilities = model_.probabilities(images);
  const auto& names = model_.names();
  std::vector<task::PictureResult> results;
  for (size_t i = 0; i < pictures.size(); ++i) {
    const auto guesses = best_of(probabilities[static_cast<int64_t>(i)]);
    results.push_back(
        {to_json(guesses, names), describe(guesses, names),
         [guesses, &names](media::Image& image) { annotate(image, guesses, names); }});
  }
  return results;
}

}  // namespace lotse::runner::classify
