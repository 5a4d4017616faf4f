#include "runner/detect/pictures.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <mutex>
#include <optional>

#include "base/interrupt.h"
#include "runner/media/letterbox.h"
#include "runner/media/threads.h"
#include "runner/task/problems.h"

namespace lotse::runner::detect {

using task::LeftOut;

namespace {

struct DecodedPicture {
  std::shared_ptr<const Sample> sample;  ///< null where it is not kept
  std::optional<std::string> problem;
};

int64_t free_memory() {
  return int64_t{::sysconf(_SC_AVPHYS_PAGES)} * int64_t{::sysconf(_SC_PAGESIZE)};
}

}  // namespace

Pictures::Pictures(std::vector<Item> items, int side) : items_(std::move(items)), side_(side) {}

LeftOut Pictures::load(const std::function<void(int64_t, int64_t)>& progress, bool skip_bad,
                       int64_t threads) {
  const bool fits = count() * side_ * side_ * 3 <= free_memory() / 2;
  LeftOut left_out;
  if (!fits && !skip_bad) return left_out;
  std::vector<DecodedPicture> all(items_.size());
  std::mutex counting;
  int64_t done = 0;
  media::on_threads(count(), threads, [&](int64_t i) {
    base::throw_if_interrupted();
    auto& decoded = all[static_cast<size_t>(i)];
    try {
      auto sample = decode(i);
      if (fits) decoded.sample = std::move(sample);
    } catch (const base::Error& error) {
      if (error.kind() != base::ErrorKind::invalid) throw;
      decoded.problem = error.what();
    }
    const std::scoped_lock lock(counting);
    if (progress) progress(++done, count());
  });
  std::vector<std::shared_ptr<const Sample>> kept;
  std::vector<Item> good;
  task::Problems problems;
  for (size_t i = 0; i < all.size(); ++i) {
    if (!all[i].problem) {
      good.push_back(items_[i]);
      if (fits) kept.push_back(std::move(all[i].sample));
    } else if (skip_bad) {
      left_out.all.push_back({task::Finding::picture, "", *all[i].problem});
    } else {
      problems.add("", *all[i].problem);
    }
  }
  if (good.empty() && !left_out.empty())
    problems.add("", "none of the pictures can be decoded; the first: " + left_out.all[0].text());
  problems.check();
  items_ = std::move(good);
  kept_ = std::move(kept);
  return left_out;
}

std::vector<std::pair<int, int>> Pictures::sizes(int64_t threads) const {
  std::vector<std::pair<int, int>> all(items_.size());
  media::on_threads(count(), threads, [&](int64_t i) {
    const auto sample = get(i);
    all[static_cast<size_t>(i)] = {sample->image.width, sample->image.height};
  });
  return all;
}

std::shared_ptr<const Sample> Pictures::get(int64_t index) const {
  return kept_.empty() ? decode(index) : kept_[static_cast<size_t>(index)];
}

std::shared_ptr<const Sample> Pictures::decode(int64_t index) const {
  const auto& item = items_[static_cast<size_t>(index)];
  auto sample = std::make_shared<Sample>();
  sample->image = media::read_image(item.image);
  auto& picture = sample->image;
  const double ratio = static_cast<double>(side_) / std::max(picture.width, picture.height);
  if (ratio != 1) {
    const auto scaled = [&](int length) {
      return std::clamp(static_cast<int>(std::ceil(length * ratio)), 1, side_);
    };
    picture = media::resize(picture, scaled(picture.width), scaled(picture.height));
  }
  for (size_t i = 0; i < item.boxes.size(); ++i) {
    auto box = item.boxes[i];
    box.x1 *= picture.width, box.x2 *= picture.width;
    box.y1 *= picture.height, box.y2 *= picture.height;
    auto outline = outline_of(item, i);
    for (auto& [x, y] : outline)
      x *= static_cast<float>(picture.width), y *= static_cast<float>(picture.height);
    add_object(*sample, box, std::move(outline));
  }
  return sample;
}

}  // namespace lotse::runner::detect
