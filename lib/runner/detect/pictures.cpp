#include "runner/detect/pictures.h"

#include <algorithm>
#include <cmath>

#include "base/strings.h"
#include "runner/media/letterbox.h"
#include "runner/media/threads.h"

namespace lotse::runner::detect {

namespace {

int64_t bytes_of(const Sample& sample) {
  size_t bytes =
      sample.image.rgb.size() + (sample.boxes.size() + sample.crowds.size()) * sizeof(Box);
  for (const auto& outline : sample.outlines)
    bytes += sizeof(Outline) + outline.size() * sizeof(Vertex);
  return static_cast<int64_t>(bytes);
}

/// The picture with `side` as its longer side.
media::Image with_longer_side(media::Image picture, int side) {
  const double ratio = static_cast<double>(side) / std::max(picture.width, picture.height);
  if (ratio == 1) return picture;
  const auto scaled = [&](int length) {
    return std::clamp(static_cast<int>(std::ceil(length * ratio)), 1, side);
  };
  return media::resize(picture, scaled(picture.width), scaled(picture.height));
}

Sample sample_of(const Item& item, media::Image picture) {
  const int width = picture.width, height = picture.height;
  Sample sample{std::move(picture), {}};
  const auto in_pixels = [&](Box box) {
    box.x1 *= width, box.x2 *= width;
    box.y1 *= height, box.y2 *= height;
    return box;
  };
  for (const auto& crowd : item.crowds) sample.crowds.push_back(in_pixels(crowd));
  for (size_t i = 0; i < item.boxes.size(); ++i) {
    auto outline = outline_of(item, i);
    for (auto& [x, y] : outline) x *= static_cast<float>(width), y *= static_cast<float>(height);
    add_object(sample, in_pixels(item.boxes[i]), outline);
  }
  return sample;
}

task::Form<Item, Sample> form_of(int side) {
  return {base::cat("longer side ", side), int64_t{3} * side * side,
          [side](const std::filesystem::path& path) {
            return with_longer_side(media::read_image(path), side);
          },
          sample_of, bytes_of};
}

}  // namespace

Pictures::Pictures(std::vector<Item> items, int side, const task::Keeping& keeping)
    : Kept(std::move(items), form_of(side), keeping), side_(side) {}

std::vector<std::pair<int, int>> Pictures::sizes(int64_t threads) const {
  std::vector<std::pair<int, int>> all(items().size());
  media::on_threads(count(), threads, [&](int64_t i) {
    const auto sample = get(i);
    all[static_cast<size_t>(i)] = {sample->image.width, sample->image.height};
  });
  return all;
}

}  // namespace lotse::runner::detect
